"""Windows of tokens with the tags that each token may have, and batches of them.

A token outside every mention of a corpus that does not annotate genes may well be a gene: it may
have all tags of the labels that its corpus leaves out.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
import torch
from numpy.typing import NDArray

from biopipe.document import Document
from biopipe.ner.name_features import FEATURES_PER_LABEL, NameFeatures
from biopipe.ner.tagger import Tagger
from biopipe.runtime.batching import token_batches
from biopipe.runtime.tokenizer import Tokenizer, Tokens
from biopipe.text.windows import token_windows
from biopipe.train.common.batches import epoch_seed, noisy_length
from biopipe.train.common.corpora import Corpus
from biopipe.train.ner.known_names import (
    NameNoise,
    TokenName,
    features_with_noise,
    token_names,
)
from biopipe.train.ner.teachers import taught_tags

__all__ = [
    "WINDOW_TOKENS",
    "TaggerExample",
    "allowed_tags",
    "collate_names",
    "collate_tagged",
    "collate_taught",
    "tagger_batches",
    "tagger_examples",
]

# Tokens of a window without special ones: what BERT's 512 positions hold.
WINDOW_TOKENS = 510
# The part of a window that the next one repeats, so that every token has words around it in one.
_OVERLAP = 1 / 8


@dataclass(frozen=True, slots=True)
class TaggerExample:
    """A window of tokens after `prefix`; bit t of `allowed[i]` says that token i may have tag t.
    `names` are names of knowledge bases in it; `taught` are the probabilities of teachers, (tokens,
    tags) float16, which count `taught_weight` times as much as the gold.
    """

    prefix: tuple[int, ...]
    ids: NDArray[np.int64]
    allowed: NDArray[np.int64]
    names: tuple[TokenName, ...] = ()
    taught: NDArray[np.float16] | None = None
    taught_weight: float = 0.0


def tagger_examples(
    documents: Sequence[Document],
    corpus: Corpus,
    labels: tuple[str, ...],
    tokenizer: Tokenizer,
    prefix: tuple[int, ...],
    features: NameFeatures | None = None,
    window: int = WINDOW_TOKENS,
    teachers: Sequence[Tagger] = (),
) -> list[TaggerExample]:
    """The windows of documents of `corpus`, at most `window` tokens each, which begin with the
    tokens of `prefix`, with the names that `features` finds and what `teachers` say.
    """
    examples = []
    encoded = tokenizer.encode([d.text for d in documents])
    answers: Iterable[NDArray[np.float16] | None] = repeat(None, len(documents))
    if teachers and corpus.taught:
        answers = taught_tags(documents, encoded, teachers, labels)
    for document, tokens, taught in zip(documents, encoded, answers, strict=True):
        allowed = allowed_tags(document, tokens, corpus, labels)
        names = (
            token_names(document.text, features.names(document.text), tokens) if features else []
        )
        for start, end in token_windows(len(tokens.ids), window, int(window * _OVERLAP)):
            if end > start:
                inside = tuple(_within(names, start, end))
                examples.append(
                    TaggerExample(
                        prefix,
                        tokens.ids[start:end],
                        allowed[start:end],
                        inside,
                        None if taught is None else taught[start:end],
                        corpus.taught,
                    )
                )
    return examples


def _within(names: Sequence[TokenName], start: int, end: int) -> Iterator[TokenName]:
    """The names, as far as they lie in the tokens `[start, end)`, by their places there."""
    for name in names:
        if name.first < end and name.end > start:
            first, last = max(name.first, start), min(name.end, end)
            yield replace(name, first=first - start, end=last - start)


def allowed_tags(
    document: Document, tokens: Tokens, corpus: Corpus, labels: tuple[str, ...]
) -> NDArray[np.int64]:
    """Bit sets (tokens,) of the tags each token may have, by what `corpus` annotates."""
    everything = (1 << (1 + 2 * len(labels))) - 1
    outside = 1
    for index, label in enumerate(labels):
        if label not in corpus.labels:
            outside |= 0b11 << (1 + 2 * index)
    allowed = np.full(len(tokens.ids), outside, dtype=np.int64)
    for start, end in _word_spans(document.text, set(corpus.ambiguous)):
        allowed[_inside(tokens, start, end)] = everything
    # Longest last: where mentions overlap, the outermost one is taught.
    for mention in sorted(document.mentions, key=lambda m: m.end - m.start):
        covered = np.flatnonzero(_inside(tokens, mention.start, mention.end))
        if mention.label not in corpus.labels:
            allowed[covered] = everything
        elif len(covered):
            begin = 1 + 2 * labels.index(mention.label)
            # Inside, then the first token is set to begin.
            allowed[covered] = 1 << (begin + 1)
            allowed[covered[0]] = 1 << begin
    return allowed


def _inside(tokens: Tokens, start: int, end: int) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (tokens.offsets[:, 0] < end) & (tokens.offsets[:, 1] > start)
    return inside


def _word_spans(text: str, words: set[str]) -> list[tuple[int, int]]:
    spans, position = [], 0
    for word in text.split():
        start = text.index(word, position)
        position = start + len(word)
        if word.strip(".,;:()[]'\"").lower() in words:
            spans.append((start, position))
    return spans


def tagger_batches(
    pools: Sequence[Sequence[TaggerExample]],
    corpora: Sequence[Corpus],
    *,
    epoch: int,
    seed: int,
    batch_tokens: int,
) -> list[list[int]]:
    """Batches of one epoch: numbers of examples, counted through all `pools`, one a corpus.

    A corpus is repeated as its recipe says; together the windows of a batch have at most
    `batch_tokens` tokens.
    """
    rng = random.Random(epoch_seed(seed, epoch))
    numbers: list[int] = []
    lengths: list[int] = []
    offset = 0
    for pool, corpus in zip(pools, corpora, strict=True):
        whole, part = divmod(corpus.repeat, 1)
        for index, example in enumerate(pool):
            # Windows without a mention are many in some corpora, and teach little more than the
            # first of them.
            keep = corpus.keep_empty if not _teaches_mentions(example) else 1.0
            copies = int(whole) + (rng.random() < part)
            for _ in range(copies):
                if rng.random() < keep:
                    numbers.append(offset + index)
                    lengths.append(noisy_length(len(example.ids) + 2, rng))
        offset += len(pool)
    batches = [[numbers[i] for i in batch] for batch in token_batches(lengths, batch_tokens)]
    rng.shuffle(batches)
    return batches


def _teaches_mentions(example: TaggerExample) -> bool:
    return bool(np.any(example.allowed & 1 == 0))


def collate_tagged(
    batch: Sequence[TaggerExample], tokenizer: Tokenizer
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids, attention mask and sets of allowed tags as bits, each (windows, longest) int64; a token
    that is special or padding has an empty set.
    """
    suffix = tokenizer.suffix
    longest = max(len(e.ids) for e in batch) + len(tokenizer.prefix) + len(suffix)
    ids = torch.full((len(batch), longest), tokenizer.pad_id, dtype=torch.long)
    mask = torch.zeros((len(batch), longest), dtype=torch.long)
    allowed = torch.zeros((len(batch), longest), dtype=torch.long)
    for row, example in enumerate(batch):
        sequence = [*example.prefix, *example.ids.tolist(), *suffix]
        ids[row, : len(sequence)] = torch.tensor(sequence)
        mask[row, : len(sequence)] = 1
        first = len(example.prefix)
        allowed[row, first : first + len(example.ids)] = torch.from_numpy(example.allowed)
    return ids, mask, allowed


def collate_taught(batch: Sequence[TaggerExample], tokenizer: Tokenizer) -> torch.Tensor | None:
    """Probabilities of teachers times their weight, (windows, longest, tags) float32 for the ids of
    `collate_tagged`, 0 where none was asked; None where none was asked of any.
    """
    tags = next((e.taught.shape[1] for e in batch if e.taught is not None), None)
    if tags is None:
        return None
    longest = max(len(e.ids) for e in batch) + len(tokenizer.prefix) + len(tokenizer.suffix)
    taught = torch.zeros((len(batch), longest, tags))
    for row, example in enumerate(batch):
        if example.taught is not None:
            first = len(example.prefix)
            said = torch.from_numpy(example.taught.astype(np.float32))
            taught[row, first : first + len(example.ids)] = example.taught_weight * said
    return taught


def collate_names(
    batch: Sequence[TaggerExample],
    tokenizer: Tokenizer,
    labels: int,
    noise: NameNoise,
    random: random.Random,
) -> torch.Tensor:
    """Features of names (windows, longest, FEATURES_PER_LABEL * labels) float32 for the ids of
    `collate_tagged`, with names hidden and made up as `noise` says.
    """
    longest = max(len(e.ids) for e in batch) + len(tokenizer.prefix) + len(tokenizer.suffix)
    features = torch.zeros((len(batch), longest, FEATURES_PER_LABEL * labels))
    for row, example in enumerate(batch):
        first = len(example.prefix)
        rows = features_with_noise(example.names, len(example.ids), labels, noise, random)
        features[row, first : first + len(example.ids)] = torch.from_numpy(rows)
    return features
