"""Names by their character 3-grams: cosine of TF-IDF vectors, from posting lists on disk.

A name is the set of its 3-grams (see `biopipe.kb.grams`), weighted by inverse document frequency.
A 3-gram that no stored name has counts in the length of the query, so that a score is the cosine
over all 3-grams there could be.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from biopipe.kb.arrays import open_array
from biopipe.kb.grams import distinct, grams, idf
from biopipe.kb.groups import Hit, Mask, NameGroups
from biopipe.text.normalize import normalize_name

__all__ = ["NgramIndex"]

_Floats = npt.NDArray[np.float32]
_Scores = npt.NDArray[np.float64]
_Entries = npt.NDArray[np.uint32]
_Sums = npt.NDArray[np.uint16]
# Sums are counted in this many parts of the query's squared length, rounded down.
_UNITS = 65_535
# Entries of the rarest 3-grams, among which the score to beat is found.
_POOL = 20_000
# Lists are added until the others can give at most this part of the score to beat; the rest is
# looked up.
_LOOKED_UP = 0.6


class NgramIndex:
    """The index in `directory`; safe to use from several threads."""

    def __init__(self, directory: Path, groups: NameGroups) -> None:
        self._groups = groups
        self._vocabulary: npt.NDArray[np.uint64] = open_array(directory / "grams.npy")
        self._offsets: npt.NDArray[np.int64] = open_array(directory / "offsets.npy")
        self._postings: _Entries = open_array(directory / "postings.npy")
        self._norms: _Floats = open_array(directory / "norms.npy")
        self._local = threading.local()

    def search(self, names: Sequence[str], k: int, allowed: Mask | None = None) -> list[list[Hit]]:
        """For each name the `k` allowed concepts whose names are most similar, the best first."""
        mask = self._groups.mask(allowed)
        known: dict[str, list[Hit]] = {}
        for form in dict.fromkeys(map(normalize_name, names)):
            known[form] = self._search(form, k, allowed, mask) if form else []
        return [known[normalize_name(name)] for name in names]

    def _search(self, form: str, k: int, allowed: Mask | None, mask: Mask | None) -> list[Hit]:
        # Several names of one concept may stand before the k-th concept.
        count = 2 * k
        while True:
            entries, scores = _Query(self, form, count, mask).best()
            hits = self._groups.hits(entries, scores, k, allowed)
            if len(hits) == k or len(entries) < count:
                return hits
            count *= 4

    def _sums(self) -> _Sums:
        """Zeros, one for each entry; who changes them sets them back."""
        if not hasattr(self._local, "sums"):
            self._local.sums = np.zeros(len(self._norms), np.uint16)
        sums: _Sums = self._local.sums
        return sums


class _Query:
    """One search: posting lists are added up, the rarest 3-grams first, until no new name can be
    good enough.
    """

    def __init__(self, index: NgramIndex, form: str, count: int, mask: Mask | None) -> None:
        self._index, self._count, self._mask = index, count, mask
        codes = distinct(np.sort(grams(form)[0]))
        ids = index._vocabulary.searchsorted(codes)
        ids = ids[index._vocabulary.take(ids, mode="clip") == codes]
        having = index._offsets[ids + 1] - index._offsets[ids]
        order = np.argsort(having, kind="stable")
        self._lists = [
            index._postings[index._offsets[i] : index._offsets[i + 1]] for i in ids[order].tolist()
        ]
        names = len(index._norms)
        self._weights = idf(names, having[order]) ** 2
        unknown = (len(codes) - len(ids)) * float(idf(names, np.zeros(1, np.int64))[0]) ** 2
        self._square = float(self._weights.sum()) + unknown
        # What the lists from the i-th on can add to a sum.
        self._rest = np.append(np.cumsum(self._weights[::-1])[::-1], 0).tolist()
        self._floor = 0.0

    def best(self) -> tuple[_Entries, _Scores]:
        """The best entries, equal ones by number, and their cosines."""
        sums = self._index._sums()
        try:
            left = self._add_up(sums)
            entries, low = self._reaching(sums, left)
        finally:
            sums.fill(0)
        entries = self._complete(entries, low, left)
        scores = self._cosines(entries)
        order = np.lexsort((entries, -scores))[: self._count]
        return entries[order], np.minimum(scores[order], 1.0)

    def _add_up(self, sums: _Sums) -> int:
        """Add lists to `sums`; returns the place of the first list left out."""
        parts = np.floor(self._weights * (_UNITS / self._square)).astype(np.uint16)
        pool, pooled, added, due = list[_Entries](), 0, 0, _POOL
        for place, list_ in enumerate(self._lists):
            if added >= due:
                self._raise_floor(sums, np.concatenate(pool))
                due = 3 * added
            # An entry of the remaining lists alone has at most the root of this as cosine, for its
            # own length is at least its sum.
            if self._rest[place] < _LOOKED_UP * self._floor * self._floor * self._square:
                return place
            np.add.at(sums, list_, parts[place])
            added += len(list_)
            if pooled < _POOL:
                pool.append(list_ if self._mask is None else list_[self._mask[list_]])
                pooled += len(pool[-1])
        return len(self._lists)

    def _raise_floor(self, sums: _Sums, pool: _Entries) -> None:
        # An entry may be there several times, once for each list of the pool that has it.
        most = min(8 * self._count, len(pool))
        likely = np.argpartition(sums[pool] / self._index._norms[pool], len(pool) - most)[
            len(pool) - most :
        ]
        scores = self._cosines(distinct(np.sort(pool[likely])))
        if len(scores) >= self._count:
            self._floor = max(self._floor, float(np.partition(scores, -self._count)[-self._count]))

    def _reaching(self, sums: _Sums, left: int) -> tuple[_Entries, _Scores]:
        """Entries that may reach the floor, and the least that their sums can be."""
        unit = self._square / _UNITS
        needed = self._floor * self._floor * self._square - self._rest[left]
        entries = np.flatnonzero(sums >= max(1, int(needed / unit) - left - 1)).astype(np.uint32)
        if self._mask is not None:
            entries = entries[self._mask[entries]]
        low: _Scores = sums[entries].astype(np.float64) * unit
        kept = self._may_reach(low + left * unit + self._rest[left], entries)
        return entries[kept], low[kept]

    def _may_reach(self, high: _Scores, entries: _Entries) -> Mask:
        norms = self._index._norms[entries]
        # The floor is the score of an entry that must stay, whatever the rounding.
        least = (self._floor - 1e-6) * np.sqrt(self._square)
        reach: Mask = np.minimum(high, norms * norms) >= least * norms
        return reach

    def _complete(self, entries: _Entries, low: _Scores, left: int) -> _Entries:
        """Look entries up in the lists left out; keep those that may be among the best."""
        slack = left * self._square / _UNITS
        for place in range(left, len(self._lists)):
            low = low + self._weights[place] * _among(entries, self._lists[place])
            kept = self._may_reach(low + slack + self._rest[place + 1], entries)
            entries, low = entries[kept], low[kept]
        if len(entries) > self._count:
            norms = self._index._norms[entries]
            best = np.partition(low / norms, -self._count)[-self._count]
            entries = entries[(low + slack) / norms >= best]
        return entries

    def _cosines(self, entries: _Entries) -> _Scores:
        """Of entries in their order."""
        sums = np.zeros(len(entries))
        for weight, list_ in zip(self._weights, self._lists, strict=True):
            sums += weight * _among(entries, list_)
        cosines: _Scores = sums / (self._index._norms[entries] * np.sqrt(self._square))
        return cosines


def _among(entries: _Entries, list_: _Entries) -> Mask:
    """Which of the sorted `entries` the sorted list has."""
    there: Mask = list_.take(list_.searchsorted(entries), mode="clip") == entries
    return there
