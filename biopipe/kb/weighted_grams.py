"""The 3-grams of names that are looked for, with their weights and posting lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from biopipe.kb.grams import distinct, grams, idf
from biopipe.kb.groups import Mask
from biopipe.kb.postings import AllowedPostings

__all__ = ["WeightedGrams", "weighted_grams"]

# A code takes 48 bits, so the number of its line has the other 16; and so many names of some 20
# 3-grams take under a megabyte.
_CODE_BITS = np.uint64(48)
_CODE = np.uint64((1 << 48) - 1)
_BLOCK_NAMES = 1024


@dataclass(frozen=True, slots=True)
class WeightedGrams:
    """The 3-grams of one name that entries of the index have, the rarest of the index first.

    `grams`: their numbers in `postings`, whose allowed entries are searched. `weights`: (grams,)
    float64, squares of the inverse document frequencies. `square`: the squared length of the name's
    vector, with those 3-grams that no entry has.
    """

    postings: AllowedPostings
    grams: Sequence[int]
    weights: npt.NDArray[np.float64]
    square: float

    def entries(self, place: int) -> npt.NDArray[np.integer[Any]]:
        """The allowed entries that have the 3-gram in a place, see `AllowedPostings.entries`."""
        return self.postings.entries(self.grams[place])

    def have(self, place: int, entries: npt.NDArray[np.integer[Any]]) -> Mask:
        """Which allowed entries have the 3-gram in a place, see `AllowedPostings.have`."""
        return self.postings.have(self.grams[place], entries)


def weighted_grams(postings: AllowedPostings, forms: Sequence[str]) -> Iterator[WeightedGrams]:
    """The 3-grams of each of some normal forms; one look into the vocabulary for many names."""
    for start in range(0, len(forms), _BLOCK_NAMES):
        yield from _of_block(postings, forms[start : start + _BLOCK_NAMES])


def _of_block(postings: AllowedPostings, forms: Sequence[str]) -> Iterator[WeightedGrams]:
    codes, lines = grams("\n".join(forms))
    keys = distinct(np.sort((lines << _CODE_BITS) | codes))
    owners = (keys >> _CODE_BITS).astype(np.int64)
    ids, having, in_index = postings.find(keys & _CODE)
    counts = np.bincount(owners, minlength=len(forms))
    owners = owners[in_index]
    order = np.lexsort((having, owners))
    names = postings.index_size
    weights, ids = idf(names, having[order]) ** 2, ids[order]
    ends = np.cumsum(np.bincount(owners, minlength=len(forms)))
    unknown = float(idf(names, np.zeros(1, np.int64))[0]) ** 2
    start = 0
    for end, count in zip(ends.tolist(), counts.tolist(), strict=True):
        own = weights[start:end]
        square = float(own.sum()) + (count - len(own)) * unknown
        yield WeightedGrams(postings, ids[start:end].tolist(), own, square)
        start = end
