"""Whether what stands between two mentions, and right beside them, lowers or raises.

Two words that lower make one that raises: what is reduced by the knockdown of a gene is raised by the
gene.
"""

import numpy as np
from numpy.typing import NDArray

from biopipe.relations.places import ConceptPlaces
from biopipe.relations.triggers import TriggerWords

__all__ = ["POLARITY_FEATURES", "polarity"]

POLARITY_FEATURES = 5

AROUND = 30  # characters before the first and behind the second mention; some four words
_MOST = 3  # words that count
_NOWHERE = -2.0  # of mentions in different sentences, below all that is

IntArray = NDArray[np.int64]


def polarity(
    places: ConceptPlaces, words: TriggerWords, head: IntArray, tail: IntArray
) -> NDArray[np.float32]:
    """(pairs, POLARITY_FEATURES) float32 of the nearest mentions `head` and `tail` (pairs,) of each
    pair: the sign of the words between them; of those behind the last other mention between them;
    and of those between them and around, up to the next mention; how many of these lower, and how
    many raise.
    """
    first = np.where(places.starts[head] <= places.starts[tail], head, tail)
    last = head + tail - first
    begin, end = places.ends[first], np.maximum(places.ends[first], places.starts[last])
    ends, starts = np.sort(places.ends), np.sort(places.starts)
    left = np.maximum(_before(ends, places.starts[first]), places.starts[first] - AROUND)
    right = np.minimum(_behind(starts, places.ends[last]), places.ends[last] + AROUND)
    between = words.polarity(begin, end)
    nearest = words.polarity(np.clip(_before(ends, end), begin, end), end)
    around = words.polarity(left, np.maximum(left, right))
    columns = (_sign(between), _sign(nearest), _sign(around), *np.minimum(around, _MOST).T)
    together = places.sentences[head] == places.sentences[tail]
    told = np.where(together[:, None], np.stack(columns, axis=1), _NOWHERE)
    return told.astype(np.float32)


def _before(ends: IntArray, places: IntArray) -> IntArray:
    """Where the last mention before each place ends, 0 where there is none; `ends` are sorted."""
    return np.concatenate([[0], ends])[ends.searchsorted(places, side="right")]


def _behind(starts: IntArray, places: IntArray) -> IntArray:
    """Where the first mention from each place on starts, far away where there is none."""
    far = np.iinfo(np.int64).max
    return np.concatenate([starts, [far]])[starts.searchsorted(places)]


def _sign(counts: NDArray[np.float32]) -> NDArray[np.float32]:
    """-1 where an odd number of words lowers, else 1, and 0 where none lowers or raises; counts:
    (stretches, 2).
    """
    sign = np.where(counts[:, 0] % 2 == 1, -1.0, 1.0)
    signs: NDArray[np.float32] = np.where(counts.any(axis=1), sign, 0.0).astype(np.float32)
    return signs
