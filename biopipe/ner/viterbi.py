"""The best valid tag path of each text of a batch, exactly: the Viterbi algorithm over constrained
BIO tags.

Tags are in the order O, B..., I...; an I tag must follow the B or the I of its label.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["best_tag_paths"]

# Enough that the words before a stretch seldom matter; where they do the whole text is read.
_WORDS_BEFORE = 4

FloatArray = NDArray[np.float32]
IndexArray = NDArray[np.intp]


def best_tag_paths(scores: FloatArray, edges: NDArray[np.int64]) -> IndexArray:
    """Tags (words,) intp of the texts one after the other; text n has the words `[edges[n],
    edges[n + 1])`.

    scores: (words, 1 + 2 * labels) float32 log scores; edges: (texts + 1,) int64. Words far from
    any whose likeliest tag is invalid keep their likeliest tags, and so do texts without one; the
    stretches around such words go through the lattice together, one word of each a step.
    """
    labels = (scores.shape[1] - 1) // 2
    path: IndexArray = scores.argmax(axis=1)
    invalid = np.flatnonzero(_invalid_words(path, edges, labels))
    if not len(invalid):
        return path
    text_starts, text_ends = _around(invalid, edges)
    starts, ends = _stretches(invalid, path, text_starts, text_ends, labels)
    inner = ~np.isin(starts, edges[:-1])
    _through_lattice(path, scores, starts, ends, inner, labels)
    # A stretch that would go on with a mention before it tells nothing without the words before.
    open_ended = starts[inner & (path[starts] > labels)]
    if len(open_ended):
        starts, ends = (np.unique(edge) for edge in _around(open_ended, edges))
        _through_lattice(path, scores, starts, ends, np.zeros(len(starts), np.bool_), labels)
    return path


def _around(
    words: NDArray[np.intp], edges: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first word and the end of the text of each of `words`, both (words,) int64."""
    texts = np.searchsorted(edges, words, side="right") - 1
    return edges[texts], edges[texts + 1]


def _stretches(
    invalid: NDArray[np.intp],
    path: IndexArray,
    text_starts: NDArray[np.int64],
    text_ends: NDArray[np.int64],
    labels: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Firsts and ends of disjoint stretches that hold all `invalid` words, in order.

    A stretch begins some words before and ends behind its invalid words, both where the likeliest
    tag is O or B, which may follow any tag. The best path of a text is that of its stretches with
    the likeliest tags between them, if each stretch that may begin with any tag begins with O or B
    all the same.
    """
    anywhere = np.concatenate([[0], np.flatnonzero(path <= labels), [len(path)]])
    before = np.searchsorted(anywhere, invalid - _WORDS_BEFORE, side="right") - 1
    starts = np.maximum(text_starts, anywhere[np.maximum(0, before)])
    ends = np.minimum(text_ends, anywhere[np.searchsorted(anywhere, invalid, side="right")])
    is_first = np.append(True, starts[1:] >= ends[:-1])
    return starts[is_first], ends[np.append(is_first[1:], True)]


def _invalid_words(path: IndexArray, edges: NDArray[np.int64], labels: int) -> NDArray[np.bool_]:
    """Which words (words,) bool have an I tag that does not follow its label's B or I."""
    previous = np.concatenate([[0], path[:-1]])
    previous[edges[:-1][edges[:-1] < len(path)]] = 0
    invalid: NDArray[np.bool_] = (path > labels) & (previous != path) & (previous != path - labels)
    return invalid


def _through_lattice(
    path: IndexArray,
    scores: FloatArray,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    inner: NDArray[np.bool_],
    labels: int,
) -> None:
    """Write the best paths of stretches, given by first words and ends, into `path`; those that are
    `inner` (stretches,) bool may begin with any tag.
    """
    # Longest first, so that the stretches that still have a word at a step are the first ones.
    order = np.argsort(starts - ends, kind="stable")
    starts, lengths, inner = starts[order], (ends - starts)[order], inner[order]
    steps = int(lengths[0])
    active = len(lengths) - np.searchsorted(lengths[::-1], np.arange(steps), side="right")
    best = scores[starts].copy()
    best[~inner, 1 + labels :] = -np.inf
    final = np.zeros(len(starts), dtype=np.intp)
    tops: list[IndexArray] = []  # (active stretches,) the best tag of the word before
    begins: list[NDArray[np.bool_]] = []  # (active stretches, labels) whether B goes before I there
    for step in range(1, steps):
        count = int(active[step])
        if count < len(best):
            final[count : len(best)] = best[count:].argmax(axis=1)
            best = best[:count]
        begin, inside = best[:, 1 : 1 + labels], best[:, 1 + labels :]
        tops.append(best.argmax(axis=1))
        begins.append(begin >= inside)
        following = scores[starts[:count] + step]
        following[:, : 1 + labels] += best.max(axis=1)[:, None]
        following[:, 1 + labels :] += np.maximum(begin, inside)
        best = following
    final[: len(best)] = best.argmax(axis=1)
    tag = final.copy()
    path[starts + lengths - 1] = final
    for step in range(steps - 1, 0, -1):
        count = int(active[step])
        tag[:count] = _tags_before(tag[:count], tops[step - 1], begins[step - 1], labels)
        path[starts[:count] + step - 1] = tag[:count]


def _tags_before(
    tags: IndexArray, tops: IndexArray, begins: NDArray[np.bool_], labels: int
) -> IndexArray:
    """The best tags (stretches,) intp of the words before those tagged `tags` (stretches,)."""
    inside = tags > labels
    label = np.where(inside, tags - 1 - labels, 0)
    from_begin = begins[np.arange(len(tags)), label]
    before: IndexArray = np.where(inside, 1 + label + np.where(from_begin, 0, labels), tops)
    return before
