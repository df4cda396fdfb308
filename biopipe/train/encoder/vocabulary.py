"""A WordPiece vocabulary learned from a field's own texts, for an encoder that had another one.

PubMedBERT (Gu et al. 2021) found that words a general vocabulary cuts to pieces are learned better
whole; BIOptimus (Vera et al. 2023) starts the embedding of a new piece from those of the pieces it
was cut into before.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.trainers import WordPieceTrainer

from biopipe.errors import ConfigError

__all__ = ["initial_embeddings", "learn_vocabulary"]

# As in BERT: padding first, then tokens that stand for nothing yet. A tagger begins the texts of a
# guideline of their own with one of these (see biopipe.train.ner).
UNUSED_TOKENS = 32
SPECIAL = (
    "[PAD]",
    *(f"[unused{number}]" for number in range(1, UNUSED_TOKENS + 1)),
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
)
ALPHABET = 400  # characters; rarer ones become [UNK], as in BERT
CONTINUES = "##"


def learn_vocabulary(texts: Iterable[str], base: Path, output: Path, *, size: int) -> Path:
    """Write `output/tokenizer.json`: `base` (a tokenizer.json) with `size` WordPiece pieces learned
    from `texts`; returns its path.

    How text is normalised and split into words stays as it was. Special tokens are at the front of
    the vocabulary, and [unused1] to [unused32] among them. ConfigError where `base` is not a
    WordPiece tokenizer.
    """
    spec = json.loads(base.read_text(encoding="utf-8"))
    if spec["model"].get("type") != "WordPiece":
        raise ConfigError(
            f"The tokenizer {base} is {spec['model'].get('type')}, not WordPiece; keep its "
            "vocabulary, or start from a base of BERT's kind."
        )
    old = Tokenizer.from_file(str(base))
    learner = Tokenizer(WordPiece(unk_token="[UNK]"))
    learner.normalizer = old.normalizer
    learner.pre_tokenizer = old.pre_tokenizer
    learner.train_from_iterator(
        texts,
        WordPieceTrainer(
            vocab_size=size,
            special_tokens=list(SPECIAL),
            limit_alphabet=ALPHABET,
            continuing_subword_prefix=CONTINUES,
            show_progress=False,
        ),
    )
    _replace_vocabulary(spec, learner.get_vocab())
    output.mkdir(parents=True, exist_ok=True)
    path = output / "tokenizer.json"
    path.write_text(json.dumps(spec, ensure_ascii=False, indent=1), encoding="utf-8")
    Tokenizer.from_file(str(path))  # a faulty file is to fail here, not at training
    return path


def _replace_vocabulary(spec: dict[str, Any], vocabulary: Mapping[str, int]) -> None:
    """Give the tokenizer.json `spec` other pieces, wherever it names an id."""
    spec["model"]["vocab"] = dict(sorted(vocabulary.items(), key=lambda item: item[1]))
    for token in spec["added_tokens"]:
        token["id"] = vocabulary[token["content"]]
    post_processor = spec.get("post_processor") or {}
    for name, token in (post_processor.get("special_tokens") or {}).items():
        token["ids"] = [vocabulary[name]]
    for name in ("sep", "cls"):
        if name in post_processor:
            piece = post_processor[name][0]
            post_processor[name] = [piece, vocabulary[piece]]
    spec["padding"] = spec["truncation"] = None


def initial_embeddings(old: Tokenizer, new: Tokenizer, table: torch.Tensor) -> torch.Tensor:
    """Embeddings (pieces of `new`, width) from `table`, (pieces of `old`, width), in its dtype.

    A piece of both keeps its own, another has the mean of those that `old` cuts it into.
    """
    before, after = old.get_vocab(), new.get_vocab()
    initial = table.mean(dim=0).repeat(len(after), 1)
    for piece, row in after.items():
        rows = [before[piece]] if piece in before else list(_greedy(piece, before))
        if rows:
            initial[row] = table[rows].mean(dim=0)
    return initial


def _greedy(piece: str, vocabulary: Mapping[str, int]) -> Iterator[int]:
    """The longest pieces of `vocabulary` that make up `piece`, in order; a character without one is
    skipped.
    """
    continues = piece.startswith(CONTINUES)
    rest = piece.removeprefix(CONTINUES)
    while rest:
        for end in range(len(rest), 0, -1):
            row = vocabulary.get((CONTINUES if continues else "") + rest[:end])
            if row is not None:
                yield row
                break
        else:
            end = 1
        rest, continues = rest[end:], True
