"""One search among names by their 3-grams: the exact best cosines, without a look at most names.

Posting lists are added up, the rarest 3-grams first, until no name that is in the other lists alone
can be good enough; those that can are then looked up in the other lists. This is the MaxScore
strategy (Turtle and Flood, Information Processing and Management 31, 1995) over whole arrays.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from biopipe.kb.grams import distinct
from biopipe.kb.groups import Mask
from biopipe.kb.weighted_grams import WeightedGrams

__all__ = ["nearest_entries"]

_Entries = npt.NDArray[np.integer[Any]]
_Scores = npt.NDArray[np.float64]
_Sums = npt.NDArray[np.uint16]

# Sums are counted in this many parts of the query's squared length, rounded down.
_UNITS = 65_535
# Entries of the rarest 3-grams, among which the score to beat is found: once that many are added,
# and again each time there are three times as many.
_POOL = 5_000
_NEXT_FLOOR = 3
# The score to beat is that of the `count`-th of this many times `count` likely entries.
_LIKELY = 3
# Lists are added until the others can give at most this part of the score to beat; the rest is
# looked up, which takes longer for each entry.
_LOOKED_UP = 0.6
# Sums of a query that touched fewer than one in so many are set back one by one.
_SPARSE = 16
# Scores this far below the one to beat are kept, whatever the rounding.
_TOLERANCE = 1e-6


def nearest_entries(
    asked: WeightedGrams, norms: npt.NDArray[np.float32], count: int, sums: _Sums
) -> tuple[_Entries, _Scores]:
    """The best `count` entries of those that share a 3-gram with the name asked for, and their
    cosines: (n,) integers and (n,) float64, n at most `count`, equal scores by number of entry.

    `norms`: (entries,), the lengths of the vectors of the allowed entries.
    `sums`: (entries,) zeros, and zeros again after.
    """
    query = _Query(asked, norms, count)
    try:
        query.add_up(sums)
        entries, low = query.reaching(sums)
    finally:
        query.set_back(sums)
    entries = query.complete(entries, low)
    scores = query.cosines(entries)
    order = np.lexsort((entries, -scores))[:count]
    order = order[scores[order] > 0]  # of an entry that is ruled out it is 0
    return entries[order], np.minimum(scores[order], 1.0)


class _Query:
    """The posting lists of a query's 3-grams, the rarest first, and how far they are added up."""

    def __init__(self, asked: WeightedGrams, norms: npt.NDArray[np.float32], count: int) -> None:
        self._norms, self._count = norms, count
        self._asked, self._weights, self._square = asked, asked.weights, asked.square
        self._unit = self._square / _UNITS
        # What the lists from the i-th on can add to a sum.
        self._rest: list[float] = np.append(np.cumsum(self._weights[::-1])[::-1], 0).tolist()
        self._floor = 0.0
        # Lists added up, and how many entries they have together. The others are not even narrowed to
        # the allowed entries.
        self._lists: list[_Entries] = []
        self._touched = 0

    def add_up(self, sums: _Sums) -> None:
        """Add lists to `sums` until those left out can matter no more than `_LOOKED_UP`."""
        parts = np.floor(self._weights / self._unit).astype(np.uint16)
        pooled, due = 0, _POOL
        pool: list[_Entries] = []
        for place, part in enumerate(parts):
            if self._touched >= due:
                self._raise_floor(sums, np.concatenate(pool))
                due = _NEXT_FLOOR * self._touched
            # An entry of the remaining lists alone has at most the root of this as cosine, for its
            # own length is at least its sum.
            if self._rest[place] < _LOOKED_UP * self._floor**2 * self._square:
                return
            entries = self._asked.entries(place)
            # Indices of their own type are what numpy adds at fastest.
            np.add.at(sums, entries.astype(np.intp, copy=False), part)
            self._lists.append(entries)
            self._touched += len(entries)
            if pooled < _POOL:
                pool.append(entries)
                pooled += len(entries)

    def reaching(self, sums: _Sums) -> tuple[_Entries, _Scores]:
        """Entries that may reach the floor, in their order, and the least that their sums are."""
        reach = max(self._floor - _TOLERANCE, 0.0) ** 2 * self._square
        # For the same reason one that is in none of these lists cannot.
        first = next((i for i in range(self._added) if self._rest[i] < reach), self._added)
        if first == 0:
            return np.empty(0, np.uint32), np.empty(0)
        entries = np.concatenate(self._lists[:first])
        needed = int((reach - self._rest[self._added]) / self._unit) - self._added - 1
        entries = entries[sums.take(entries, mode="clip") >= max(1, needed)]
        entries = distinct(np.sort(entries))
        low: _Scores = sums.take(entries).astype(np.float64) * self._unit
        kept = self._may_reach(low + self._slack + self._rest[self._added], entries)
        return entries[kept], low[kept]

    def set_back(self, sums: _Sums) -> None:
        """Make `sums` zeros again."""
        if self._touched * _SPARSE > len(sums):
            sums.fill(0)
        else:
            for entries in self._lists:
                sums[entries] = 0

    def complete(self, entries: _Entries, low: _Scores) -> _Entries:
        """Look entries up in the lists left out; keep those that may be among the best."""
        for place in range(self._added, len(self._weights)):
            low = low + self._weights[place] * self._asked.have(place, entries)
            kept = self._may_reach(low + self._slack + self._rest[place + 1], entries)
            entries, low = entries[kept], low[kept]
        if len(entries) > self._count:
            norms = self._norms[entries]
            best = np.partition(low / norms, -self._count)[-self._count]
            entries = entries[(low + self._slack) / norms >= best]
        return entries

    def cosines(self, entries: _Entries) -> _Scores:
        """Of sorted entries: (n,) float64."""
        sums = np.zeros(len(entries))
        for place, weight in enumerate(self._weights.tolist()):
            sums += weight * self._asked.have(place, entries)
        # In the order in which `biopipe.kb.ngram_sums` divides, so that all digits are the same.
        inverse = 1 / self._norms[entries].astype(np.float64)
        cosines: _Scores = sums * inverse / np.sqrt(self._square)
        return cosines

    @property
    def _added(self) -> int:
        """How many lists are added up."""
        return len(self._lists)

    @property
    def _slack(self) -> float:
        """What rounding down has taken from a sum at most."""
        return self._added * self._unit

    def _raise_floor(self, sums: _Sums, pool: _Entries) -> None:
        """Make the floor what `count` entries of the pool reach for certain."""
        if len(pool) < self._count:
            return
        # An entry may be there several times, once for each list of the pool that has it.
        most = min(_LIKELY * self._count, len(pool))
        likeness = sums.take(pool, mode="clip") / self._norms.take(pool, mode="clip")
        likely = np.argpartition(likeness, len(pool) - most)[len(pool) - most :]
        entries = distinct(np.sort(pool[likely]))
        if len(entries) < self._count:
            return
        low = sums[entries].astype(np.float64) * self._unit
        for place in range(self._added, len(self._weights)):
            low += self._weights[place] * self._asked.have(place, entries)
        scores = low / (self._norms[entries] * np.sqrt(self._square))
        self._floor = max(self._floor, float(np.partition(scores, -self._count)[-self._count]))

    def _may_reach(self, high: _Scores, entries: _Entries) -> Mask:
        norms = self._norms[entries]
        least = (self._floor - _TOLERANCE) * np.sqrt(self._square)
        reach: Mask = np.minimum(high, norms * norms) >= least * norms
        return reach
