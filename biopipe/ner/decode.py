"""From piece probabilities to mentions: word-level constrained BIO decoding, to which IO and BIOES
come down.

A word's tag probability is the product over its pieces (a B word continues with I pieces), so a
mention never starts or ends inside a word, and the best valid tag path is found exactly (Viterbi).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biopipe.ner.labels import TagSet

__all__ = ["Span", "decode", "word_scores"]

FloatArray = NDArray[np.float32]

# What makes a word of an IO tagger go on with a mention rather than start one.
_START = 1e-3


@dataclass(frozen=True, slots=True)
class Span:
    """A decoded mention: word range `[first, last]`, entity label index, and its mean word log
    probability.
    """

    first: int
    last: int
    label: int
    log_score: float


def word_scores(log_probs: FloatArray, word_starts: NDArray[np.int64], tags: TagSet) -> FloatArray:
    """Log scores (words, 1 + 2 * labels) in the order O, B..., I..., normalised per word.

    `log_probs` is (pieces, tags) and `word_starts` the index of the first piece of each word.
    """
    if len(word_starts) == 0:
        return np.zeros((0, 1 + 2 * len(tags.labels)), dtype=np.float32)
    log_probs = _joined(log_probs, tags)
    outside = np.add.reduceat(log_probs[:, tags.outside], word_starts)[:, None]
    inside = np.add.reduceat(log_probs[:, tags.inside], word_starts, axis=0)
    begin = inside - log_probs[word_starts][:, tags.inside] + log_probs[word_starts][:, tags.begin]
    if tags.without_begin.any():
        begin = begin - np.where(tags.without_begin, np.float32(_START), np.float32(0))
    scores = np.concatenate([outside, begin, inside], axis=1)
    top = scores.max(axis=1, keepdims=True)
    normaliser = top + np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
    normalised: FloatArray = (scores - normaliser).astype(np.float32)
    return normalised


def _joined(log_probs: FloatArray, tags: TagSet) -> FloatArray:
    """With the probability of S tags added to B, that of E to I."""
    if not tags.joined:
        return log_probs
    log_probs = log_probs.copy()
    for source, target in tags.joined:
        log_probs[:, target] = np.logaddexp(log_probs[:, target], log_probs[:, source])
    return log_probs


def decode(scores: FloatArray) -> list[Span]:
    """The mentions of the best valid tag path over word `scores` (see `word_scores`), in order of
    the text.
    """
    if len(scores) == 0:
        return []
    labels = (scores.shape[1] - 1) // 2
    path = scores.argmax(axis=1)
    if not _valid(path, labels):
        path = _viterbi(scores, labels)
    return list(_spans(path, scores, labels))


def _valid(path: NDArray[np.intp], labels: int) -> bool:
    previous = np.concatenate([[0], path[:-1]])
    follows = (previous == path) | (previous == path - labels)
    return bool(np.all(follows | (path <= labels)))


def _viterbi(scores: FloatArray, labels: int) -> NDArray[np.intp]:
    count = len(scores)
    back = np.zeros(scores.shape, dtype=np.intp)
    best = scores[0].copy()
    best[1 + labels :] = -np.inf
    own = np.arange(labels)
    for word in range(1, count):
        top = int(best.argmax())
        begin, inside = best[1 : 1 + labels], best[1 + labels :]
        back[word, : 1 + labels] = top
        back[word, 1 + labels :] = np.where(begin >= inside, 1 + own, 1 + labels + own)
        step = np.concatenate([np.full(1 + labels, best[top]), np.maximum(begin, inside)])
        best = step + scores[word]
    path = np.zeros(count, dtype=np.intp)
    path[-1] = int(best.argmax())
    for word in range(count - 1, 0, -1):
        path[word - 1] = back[word, path[word]]
    return path


def _spans(path: NDArray[np.intp], scores: FloatArray, labels: int) -> list[Span]:
    spans: list[Span] = []
    word = 0
    while word < len(path):
        first = word
        word += 1
        if path[first] == 0:
            continue
        label = int(path[first]) - 1
        while word < len(path) and path[word] == 1 + labels + label:
            word += 1
        chosen = scores[np.arange(first, word), path[first:word]]
        spans.append(Span(first, word - 1, label, float(chosen.mean())))
    return spans
