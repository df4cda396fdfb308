"""A WordPiece vocabulary learned from a field's own texts, for an encoder that had another one.

PubMedBERT (Gu et al. 2021) found that words a general vocabulary cuts to pieces are learned better
whole; BIOptimus (Vera et al. 2023) starts the embedding of a new piece from those of the pieces it
was cut into before.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.trainers import WordPieceTrainer

from biopipe.errors import ConfigError

__all__ = ["initial_embeddings", "learn_vocabulary", "pieces_per_word"]

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
ALPHABET = 400  # characters; rarer ones become [UNK], as in BERT
CONTINUES = "##"


def learn_vocabulary(texts: Iterable[str], base: Path, output: Path, *, size: int) -> Path:
    """Write `output/tokenizer.json`: `base` (a tokenizer.json) with `size` WordPiece pieces learned
    from `texts`.

    How text is normalised and split into words stays as it was, and so do the special tokens, at
    the front of the vocabulary.
    """
    spec = json.loads(base.read_text(encoding="utf-8"))
    if spec["model"].get("type") != "WordPiece":
        raise ConfigError(
            f"The tokenizer {base} is {spec['model'].get('type')}, not WordPiece; keep its vocabulary, or start from a "
            "base of BERT's kind."
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
    vocabulary = learner.get_vocab()
    spec["model"]["vocab"] = dict(sorted(vocabulary.items(), key=lambda each: each[1]))
    for each in spec["added_tokens"]:
        each["id"] = vocabulary[each["content"]]
    for name, each in ((spec.get("post_processor") or {}).get("special_tokens") or {}).items():
        each["ids"] = [vocabulary[name]]
    for name in ("sep", "cls"):
        if name in (spec.get("post_processor") or {}):
            token = spec["post_processor"][name][0]
            spec["post_processor"][name] = [token, vocabulary[token]]
    spec["padding"] = spec["truncation"] = None
    output.mkdir(parents=True, exist_ok=True)
    path = output / "tokenizer.json"
    path.write_text(json.dumps(spec, ensure_ascii=False, indent=1), encoding="utf-8")
    Tokenizer.from_file(str(path))
    return path


def initial_embeddings(old: Tokenizer, new: Tokenizer, table: torch.Tensor) -> torch.Tensor:
    """Embeddings (pieces of `new`, width): a known piece keeps its own, another has the mean of its
    old pieces.
    """
    before, after = old.get_vocab(), new.get_vocab()
    started = table.mean(dim=0).repeat(len(after), 1)
    for piece, row in after.items():
        known = [before[piece]] if piece in before else list(_greedy(piece, before))
        if known:
            started[row] = table[known].mean(dim=0)
    return started


def _greedy(piece: str, vocabulary: Mapping[str, int]) -> Iterator[int]:
    """The longest pieces of `vocabulary` that make up `piece`, in order; a character without one is
    skipped.
    """
    continues = piece.startswith(CONTINUES)
    rest = piece.removeprefix(CONTINUES)
    while rest:
        for end in range(len(rest), 0, -1):
            found = vocabulary.get((CONTINUES if continues else "") + rest[:end])
            if found is not None:
                yield found
                break
        else:
            end = 1
        rest, continues = rest[end:], True


def pieces_per_word(tokenizer: Tokenizer, texts: Sequence[str]) -> float:
    """Mean number of pieces of a word that whitespace separates: what a vocabulary makes of a
    text.
    """
    pieces = sum(
        len(each.ids) for each in tokenizer.encode_batch(list(texts), add_special_tokens=False)
    )
    return pieces / max(1, sum(len(text.split()) for text in texts))
