"""The model that adaptive pretraining starts from: a base encoder, with a vocabulary of its own or
another one.
"""

from pathlib import Path

import torch
from tokenizers import Tokenizer as FastTokenizer
from transformers import AutoConfig, AutoTokenizer, BertForMaskedLM

from biopipe.errors import ConfigError
from biopipe.train.common.base import save_tokenizer
from biopipe.train.encoder.vocabulary import initial_embeddings

__all__ = ["load_masked_language_model", "write_tokenizer"]


def write_tokenizer(base: str, vocabulary: Path | None, output: Path) -> Path:
    """Write `output/tokenizer.json`, that of `base` or the one at `vocabulary`, with the base's
    settings beside it; returns its path.
    """
    path = save_tokenizer(base, output)
    if vocabulary is not None:
        path.write_bytes(vocabulary.read_bytes())
        AutoTokenizer.from_pretrained(output)  # what transformers will read must be whole
    return path


def load_masked_language_model(base: str, tokenizer: Path, *, seed: int = 0) -> BertForMaskedLM:
    """`base` (a folder or hub id) with embeddings for the pieces of `tokenizer`, without dropout.

    Pieces that the base does not have start from those it cuts them into; a head that it does not
    have starts from `seed`. ConfigError where the base is not a BERT.
    """
    config = AutoConfig.from_pretrained(base)
    if config.model_type != "bert":
        raise ConfigError(
            f"The base encoder {base} is of type {config.model_type}; train encoder takes BERT's."
        )
    torch.manual_seed(seed)
    # On a CPU the backward pass of PyTorch's fused attention takes 42 % of a step's time.
    model = BertForMaskedLM.from_pretrained(base, attn_implementation="eager")
    old, new = _tokenizer_of(base), FastTokenizer.from_file(str(tokenizer))
    if old.get_vocab() != new.get_vocab():
        weight = model.bert.embeddings.word_embeddings.weight
        table = initial_embeddings(old, new, weight.detach())
        model.resize_token_embeddings(len(table), mean_resizing=False)
        with torch.no_grad():
            model.bert.embeddings.word_embeddings.weight.copy_(table)
            # The bias is by id, and ids are now those of other pieces.
            model.cls.predictions.bias.zero_()
    for module in model.modules():
        # Every text is seen once or twice, so there is nothing to regularise (Geiping & Goldstein
        # 2023). The saved settings keep the base's rates, for fine-tuning.
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model


def _tokenizer_of(base: str) -> FastTokenizer:
    if not Path(base).is_dir():
        return FastTokenizer.from_pretrained(base)
    tokenizer = FastTokenizer.from_file(str(Path(base) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
