"""Whether what stands between two mentions, and right beside them, lowers or raises.

Two words that lower make one that raises: what is reduced by the knockdown of a gene is raised by the
gene.
"""

import numpy as np
from numpy.typing import NDArray

from biopipe.relations.places import ConceptPlaces
from biopipe.relations.triggers import TriggerWords

__all__ = ["POLARITY_FEATURES", "polarity"]

POLARITY_FEATURES = 4

AROUND = 30  # characters before the first and behind the second mention; some four words
_MOST = 3  # words that count
_NOWHERE = -2.0  # of mentions in different sentences, below all that is

IntArray = NDArray[np.int64]


def polarity(
    places: ConceptPlaces, words: TriggerWords, head: IntArray, tail: IntArray
) -> NDArray[np.float32]:
    """(pairs, POLARITY_FEATURES) float32 of the nearest mentions `head` and `tail` (pairs,) of each
    pair: the sign of the words between them, and of those with what is around; how many of the
    latter lower, and how many raise.
    """
    begin = np.minimum(places.ends[head], places.ends[tail])
    end = np.maximum(begin, np.maximum(places.starts[head], places.starts[tail]))
    first = np.minimum(places.starts[head], places.starts[tail]) - AROUND
    last = np.maximum(places.ends[head], places.ends[tail]) + AROUND
    between, around = words.polarity(begin, end), words.polarity(first, last)
    columns = (_sign(between), _sign(around), *np.minimum(around, _MOST).T)
    together = places.sentences[head] == places.sentences[tail]
    told = np.where(together[:, None], np.stack(columns, axis=1), _NOWHERE)
    return told.astype(np.float32)


def _sign(counts: NDArray[np.float32]) -> NDArray[np.float32]:
    """-1 where an odd number of words lowers, else 1, and 0 where none lowers or raises; counts:
    (stretches, 2).
    """
    sign = np.where(counts[:, 0] % 2 == 1, -1.0, 1.0)
    signs: NDArray[np.float32] = np.where(counts.any(axis=1), sign, 0.0).astype(np.float32)
    return signs
