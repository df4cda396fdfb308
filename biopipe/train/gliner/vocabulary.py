"""A base encoder with fewer pieces in its vocabulary: half of a small model is embeddings it seldom
reads.
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoModel, AutoTokenizer

from biopipe.errors import ConfigError

__all__ = ["keep_most_used"]


def keep_most_used(base: str, texts: Iterable[str], output: Path, *, pieces: int) -> Path:
    """Write to `output` the encoder `base` with the `pieces` WordPieces that `texts` use most.

    Special tokens and single characters stay whatever their use, so that any word can still be cut
    to pieces; every piece that stays keeps its embedding. ConfigError for a tokenizer that is no
    WordPiece.
    """
    model = AutoModel.from_pretrained(base, add_pooling_layer=False)
    tokenizer = AutoTokenizer.from_pretrained(base, use_fast=True)
    tokenizer.save_pretrained(output)
    path = output / "tokenizer.json"
    spec = json.loads(path.read_text(encoding="utf-8"))
    if spec["model"].get("type") != "WordPiece":
        raise ConfigError(
            f"The tokenizer of {base} is {spec['model'].get('type')}, not WordPiece; leave its "
            "pieces as they are."
        )
    kept = _kept(spec, Tokenizer.from_file(str(path)), texts, pieces)
    rows = [spec["model"]["vocab"][piece] for piece in kept]
    spec["model"]["vocab"] = numbers = {piece: number for number, piece in enumerate(kept)}
    for token in spec["added_tokens"]:
        token["id"] = numbers[token["content"]]
    _renumber(spec["post_processor"], numbers)
    path.write_text(json.dumps(spec, ensure_ascii=False), encoding="utf-8")
    table = model.get_input_embeddings().weight.detach()[rows].clone()
    model.resize_token_embeddings(len(kept), mean_resizing=False)
    with torch.no_grad():
        model.get_input_embeddings().weight.copy_(table)
    # The special tokens have other numbers now.
    model.config.pad_token_id = numbers[tokenizer.pad_token]
    model.save_pretrained(output)
    return output


def _kept(
    spec: dict[str, Any], tokenizer: Tokenizer, texts: Iterable[str], pieces: int
) -> list[str]:
    """The pieces that stay, in the order they had."""
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    used: Counter[str] = Counter()
    for text in texts:
        used.update(tokenizer.encode(text, add_special_tokens=False).tokens)
    always = {str(token["content"]) for token in spec["added_tokens"]}
    always |= {piece for piece in vocabulary if len(piece.removeprefix("##")) == 1}
    # Ties by the old number, so that the same texts give the same vocabulary.
    ranked = sorted(set(vocabulary) - always, key=lambda piece: (-used[piece], vocabulary[piece]))
    kept = always | set(ranked[: max(0, pieces - len(always))])
    return sorted(kept, key=lambda piece: vocabulary[piece])


def _renumber(processor: dict[str, Any] | None, numbers: dict[str, int]) -> None:
    """The ids of special tokens in a post-processor, of either kind that BERT's tokenizers come
    with.
    """
    for name in ("sep", "cls"):
        if processor is not None and name in processor:
            token = processor[name][0]
            processor[name] = [token, numbers[token]]
    special = (processor or {}).get("special_tokens") or {}
    for token, each in special.items():
        each["ids"] = [numbers[token]]
