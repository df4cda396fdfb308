"""One search by 3-grams among few names: all posting lists are added up, and the best sums taken.

Where the sums of all names fit the processor's cache, this takes half the time of leaving names out
(`biopipe.kb.ngram_query`), whose steps are many.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from biopipe.kb.weighted_grams import WeightedGrams

__all__ = ["SumArrays", "nearest_of_few"]

# The best of so many times `count` groups of entries are looked at to find a score to beat.
_GROUPS = 16
# Cosines this far below the one to beat, as a part of it, are kept, whatever the rounding.
_KEPT = 1 - 1e-6

_Sums = npt.NDArray[np.float64]
_Likeness = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SumArrays:
    """Arrays that one thread uses for all its searches: new ones of this size cost a third of a
    search. `sums` and `likeness` are (entries,) or longer.
    """

    sums: _Sums
    likeness: _Likeness

    @classmethod
    def of_size(cls, entries: int) -> "SumArrays":
        """New ones for so many entries."""
        return cls(np.zeros(entries), np.zeros(entries, np.float32))


def nearest_of_few(
    query: WeightedGrams,
    norms: npt.NDArray[np.float32],
    inverse_norms: npt.NDArray[np.float32],
    count: int,
    arrays: SumArrays,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """What `biopipe.kb.ngram_query.nearest_entries` gives, by looking at every entry.

    `norms`: (entries,), the lengths of the vectors of the entries that `query.lists` number;
    `inverse_norms`: one divided by these.
    """
    sums, likeness = arrays.sums[: len(norms)], arrays.likeness[: len(norms)]
    sums.fill(0)
    for entries, weight in zip(query.lists, query.weights, strict=True):
        # Indices of their own type are what numpy adds at fastest.
        np.add.at(sums, entries.astype(np.intp), weight)
    best = _likely(np.multiply(sums, inverse_norms, out=likeness, casting="same_kind"), count)
    scores = sums[best] / (norms[best] * np.sqrt(query.square))
    order = np.lexsort((best, -scores))[:count]
    return best[order], np.minimum(scores[order], 1.0)


def _likely(likeness: _Likeness, count: int) -> npt.NDArray[np.int64]:
    """Sorted entries, the `count` most like ones and few others; only those above zero."""
    groups = _GROUPS * count
    whole = len(likeness) - len(likeness) % groups
    if whole:
        # Each of the best groups has an entry that good, so at least `count` entries are.
        highest = likeness[:whole].reshape(-1, groups).max(axis=0)
        least = np.float32(_KEPT * np.partition(highest, -count)[-count])
        if least > 0:
            return np.flatnonzero(likeness >= least)
    return np.flatnonzero(likeness)
