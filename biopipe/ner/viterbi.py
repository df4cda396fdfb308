"""The best valid tag path of each text of a batch, exactly: the Viterbi algorithm over constrained
BIO tags.

Tags are in the order O, B..., I...; an I tag must follow the B or the I of its label.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["best_tag_paths"]

FloatArray = NDArray[np.float32]
IndexArray = NDArray[np.intp]


def best_tag_paths(scores: FloatArray, edges: NDArray[np.int64]) -> IndexArray:
    """Tags (words,) intp of the texts one after the other; text n has the words `[edges[n],
    edges[n + 1])`.

    scores: (words, 1 + 2 * labels) float32 log scores; edges: (texts + 1,) int64. A text whose
    likeliest tags are a valid path already keeps them; the others go through the lattice together,
    one word of each text a step.
    """
    labels = (scores.shape[1] - 1) // 2
    path: IndexArray = scores.argmax(axis=1)
    invalid = _invalid_words(path, edges, labels)
    if not invalid.any():
        return path
    # Longest first, so that the texts that still have a word at a step are the first ones.
    texts = np.unique(np.searchsorted(edges, np.flatnonzero(invalid), side="right") - 1)
    texts = texts[np.argsort(edges[texts] - edges[texts + 1], kind="stable")]
    _through_lattice(path, scores, edges[texts], edges[texts + 1] - edges[texts], labels)
    return path


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
    lengths: NDArray[np.int64],
    labels: int,
) -> None:
    """Write the best paths of texts, given by first word and length (longest first), into
    `path`.
    """
    steps = int(lengths[0])
    active = len(lengths) - np.searchsorted(lengths[::-1], np.arange(steps), side="right")
    best = scores[starts].copy()
    best[:, 1 + labels :] = -np.inf
    final = np.zeros(len(starts), dtype=np.intp)
    tops: list[IndexArray] = []  # (active texts,) the best tag of the word before
    begins: list[NDArray[np.bool_]] = []  # (active texts, labels) whether B goes before I there
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
    """The best tags (texts,) intp of the words before those tagged `tags` (texts,)."""
    inside = tags > labels
    label = np.where(inside, tags - 1 - labels, 0)
    from_begin = begins[np.arange(len(tags)), label]
    before: IndexArray = np.where(inside, 1 + label + np.where(from_begin, 0, labels), tops)
    return before
