"""Names by their character 3-grams: cosine of TF-IDF vectors, from posting lists on disk.

A name is the set of its 3-grams (see `ngram_build.grams`), weighted by inverse document frequency. A 3-gram that no
stored name has counts in the length of the query, so that a score is the cosine over all 3-grams there could be.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from biopipe.kb.arrays import open_array
from biopipe.kb.groups import Hit, Mask, NameGroups
from biopipe.kb.ngram_build import grams, idf
from biopipe.text.normalize import normalize_name

__all__ = ["NgramIndex"]

_Floats = npt.NDArray[np.float32]
_Entries = npt.NDArray[np.uint32]
# Finding the score to beat costs about as much as adding this many postings.
_WORTH_A_LOOK = 4096
# Sums are of 32-bit floats; what is within this of the score to beat is kept.
_SLACK = 1e-4


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
            hits = self._groups.hits(entries.tolist(), scores.tolist(), k, allowed)
            if len(hits) == k or len(entries) < count:
                return hits
            count *= 4

    def _sums(self) -> _Floats:
        """Zeros, one for each entry; who changes them sets them back."""
        if not hasattr(self._local, "sums"):
            self._local.sums = np.zeros(len(self._norms), np.float32)
        sums: _Floats = self._local.sums
        return sums


class _Query:
    """One search: posting lists are added up, the rarest 3-grams first, until no new name can be good enough."""

    def __init__(self, index: NgramIndex, form: str, count: int, mask: Mask | None) -> None:
        self._index, self._count, self._mask = index, count, mask
        codes = np.unique(grams(form)[0])
        ids = index._vocabulary.searchsorted(codes)
        ids = ids[index._vocabulary.take(ids, mode="clip") == codes]
        having = index._offsets[ids + 1] - index._offsets[ids]
        order = np.argsort(having, kind="stable")
        self._ids = ids[order].tolist()
        names = len(index._norms)
        weights = (idf(names, having[order]) ** 2).astype(np.float32)
        self._weights = weights
        unknown = (len(codes) - len(ids)) * float(idf(names, np.zeros(1, np.int64))[0]) ** 2
        self._square = float(weights.sum()) + unknown
        # What the lists from the i-th on can add to a sum.
        self._rest = np.append(np.cumsum(weights[::-1])[::-1], 0).tolist()
        self._floor = 0.0

    def best(self) -> tuple[_Entries, npt.NDArray[np.float64]]:
        """The best entries, equal ones by number, and their cosines."""
        sums = self._index._sums()
        seen: list[_Entries] = []
        try:
            left = self._add_up(sums, seen)
            entries = np.concatenate(seen) if seen else np.empty(0, np.uint32)
            partial = sums[entries]
        finally:
            for each in seen:
                sums[each] = 0
        if left < len(self._ids):
            entries, partial = self._complete(entries, partial, left)
        scores = partial / (self._index._norms[entries] * np.sqrt(self._square))
        if len(entries) > self._count:
            cut = np.partition(scores, -self._count)[-self._count]
            kept = scores >= cut
            entries, scores = entries[kept], scores[kept]
        order = np.lexsort((entries, -scores))[: self._count]
        return entries[order], np.minimum(scores[order].astype(np.float64), 1.0)

    def _add_up(self, sums: _Floats, seen: list[_Entries]) -> int:
        """Add lists to `sums` and note what they hold; returns the place of the first list left out."""
        found, due = 0, _WORTH_A_LOOK
        for place, id_ in enumerate(self._ids):
            if found >= due:
                self._raise_floor(sums, seen)
                due = 2 * found
            # An entry of the remaining lists alone has at most this cosine, for its own length is at least its sum.
            if self._rest[place] < self._floor * self._floor * self._square:
                return place
            list_ = self._list(id_)
            if self._mask is not None:
                list_ = list_[self._mask[list_]]
            before = sums[list_]
            sums[list_] = before + self._weights[place]
            seen.append(list_[before == 0])
            found += len(list_)
        return len(self._ids)

    def _raise_floor(self, sums: _Floats, seen: list[_Entries]) -> None:
        entries = np.concatenate(seen)
        if len(entries) > self._count:
            low = sums[entries] / self._index._norms[entries]
            least = float(np.partition(low, -self._count)[-self._count])
            self._floor = max(0.0, least / np.sqrt(self._square) - _SLACK)

    def _complete(self, entries: _Entries, partial: _Floats, left: int) -> tuple[_Entries, _Floats]:
        """Drop entries that cannot reach the floor, then look the rest up in the lists left out."""
        norms = self._index._norms[entries]
        kept = self._may_reach(partial, norms, left)
        order = np.argsort(entries[kept])
        entries, partial, norms = entries[kept][order], partial[kept][order], norms[kept][order]
        for place in range(left, len(self._ids)):
            list_ = self._list(self._ids[place])
            there = list_.take(list_.searchsorted(entries), mode="clip") == entries
            partial[there] += self._weights[place]
            kept = self._may_reach(partial, norms, place + 1)
            entries, partial, norms = entries[kept], partial[kept], norms[kept]
        return entries, partial

    def _may_reach(self, partial: _Floats, norms: _Floats, left: int) -> Mask:
        highest = np.minimum(partial + self._rest[left], norms * norms)
        reach: Mask = highest >= self._floor * np.sqrt(self._square) * norms
        return reach

    def _list(self, id_: int) -> _Entries:
        return self._index._postings[self._index._offsets[id_] : self._index._offsets[id_ + 1]]
