"""From piece probabilities to mentions: word-level constrained BIO decoding, to which IO and BIOES
come down.

A word's tag probability is the product over its pieces (a B word continues with I pieces), so a
mention never starts or ends inside a word, and the best valid tag path is found exactly (Viterbi).
All texts of a batch are decoded together, as arrays.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biopipe.ner.labels import TagSet
from biopipe.ner.viterbi import best_tag_paths

__all__ = [
    "Span",
    "SpanTable",
    "decode",
    "decode_texts",
    "log_softmax",
    "presence",
    "word_scores",
]

FloatArray = NDArray[np.float32]

# An IO tagger gives B and I of a label the same probability; this much less for B makes a word go on
# with the mention before it rather than start one. It is far below what tells two labels apart.
_BEGIN_PENALTY = 1e-3


@dataclass(frozen=True, slots=True)
class Span:
    """A decoded mention: word range `[first, last]`, entity label index, and its mean word log
    probability.
    """

    first: int
    last: int
    label: int
    log_score: float


class SpanTable(NamedTuple):
    """Decoded mentions of a batch in order: words `[first, last]` of the batch's table of words.

    first, last, label: (mentions,) int64; log_score: (mentions,) float32, mean word log
    probability.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    label: NDArray[np.int64]
    log_score: FloatArray


def log_softmax(logits: FloatArray) -> FloatArray:
    """Log probabilities (rows, tags) float32 of logits (rows, tags) float32."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def word_scores(log_probs: FloatArray, word_starts: NDArray[np.int64], tags: TagSet) -> FloatArray:
    """Log scores (words, 1 + 2 * labels) in the order O, B..., I..., normalised per word.

    log_probs: (pieces, tags) float32; word_starts: (words,) int64, the first piece of each word.
    Returns float32.
    """
    if len(word_starts) == 0:
        return np.zeros((0, 1 + 2 * len(tags.labels)), dtype=np.float32)
    log_probs = _with_joined_columns(log_probs, tags)
    outside = np.add.reduceat(log_probs[:, tags.outside], word_starts)[:, None]
    inside = np.add.reduceat(log_probs[:, tags.inside], word_starts, axis=0)
    begin = inside - log_probs[word_starts][:, tags.inside] + log_probs[word_starts][:, tags.begin]
    if tags.without_begin.any():
        begin = begin - np.where(tags.without_begin, np.float32(_BEGIN_PENALTY), np.float32(0))
    scores = np.concatenate([outside, begin, inside], axis=1)
    top = scores.max(axis=1, keepdims=True)
    normaliser = top + np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
    normalised: FloatArray = (scores - normaliser).astype(np.float32)
    return normalised


def _with_joined_columns(log_probs: FloatArray, tags: TagSet) -> FloatArray:
    """With the probability of S tags added to B, that of E to I."""
    if not tags.joined:
        return log_probs
    log_probs = log_probs.copy()
    for source, target in tags.joined:
        log_probs[:, target] = np.logaddexp(log_probs[:, target], log_probs[:, source])
    return log_probs


def decode(scores: FloatArray) -> list[Span]:
    """The mentions of one text in order, by the best valid tag path over `scores` (words, 1 + 2 *
    labels) float32 (see `word_scores`).
    """
    table = decode_texts(scores, np.array([0, len(scores)]))
    columns = (column.tolist() for column in table)
    return [Span(*row) for row in zip(*columns, strict=True)]


def decode_texts(scores: FloatArray, edges: NDArray[np.int64]) -> SpanTable:
    """The mentions of a batch of texts; text n has the words `[edges[n], edges[n + 1])`.

    scores: (words, 1 + 2 * labels) float32 as of `word_scores`; edges: (texts + 1,) int64.
    """
    labels = (scores.shape[1] - 1) // 2
    if len(scores) == 0:
        nothing = np.zeros(0, dtype=np.int64)
        return SpanTable(nothing, nothing, nothing, np.zeros(0, dtype=np.float32))
    path = best_tag_paths(scores, edges)
    first = np.flatnonzero((path > 0) & (path <= labels))
    # On a valid path a mention is a B and all the I behind it.
    ends = np.flatnonzero(np.append(path[1:] <= labels, True) & (path > 0))
    length = ends - first + 1
    words, offsets = _words(first, length)
    sums = np.add.reduceat(scores[words, path[words]], offsets)
    return SpanTable(first, ends, path[first] - 1, (sums / length).astype(np.float32))


def presence(scores: FloatArray, spans: SpanTable) -> FloatArray:
    """How sure it is that a mention of its label is where each span is, whatever its edges: the
    least probability of its words to be in one, (mentions,) float32.

    Where a name may begin one word earlier ("treatment-resistant depression"), no span has a high
    score and all of them together do.
    """
    labels = (scores.shape[1] - 1) // 2
    if not len(spans.first):
        return np.zeros(0, np.float32)
    length = spans.last - spans.first + 1
    words, offsets = _words(spans.first, length)
    begin = np.repeat(spans.label, length) + 1
    inside = np.exp(scores[words, begin]) + np.exp(scores[words, begin + labels])
    least: FloatArray = np.minimum.reduceat(inside, offsets)
    return least


def _words(
    first: NDArray[np.int64], length: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The words of spans, one span after the other, and where those of each begin."""
    offsets = np.cumsum(length) - length
    return np.repeat(first - offsets, length) + np.arange(length.sum()), offsets
