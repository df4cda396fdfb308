"""Posting lists of 3-grams on disk, and those of the entries that a filter allows, in memory."""

import threading
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from biopipe.kb.groups import Mask

__all__ = ["AllowedPostings", "NarrowedLists", "NgramPostings"]

_Entries = npt.NDArray[np.integer[Any]]

# For all filters of an index together. All lists of the default base take 7 MB narrowed to its
# diseases; with less the common ones would be narrowed again for every other name.
_REMEMBERED_BYTES = 12_000_000
# What a small array takes beside its numbers, with where its blocks begin.
_ARRAY_BYTES = 250
# Shorter lists are narrowed faster than they are looked up, and there are many.
_SHORTEST_REMEMBERED = 64
# New numbers are kept in 16 bits: the lists are most of what a base takes beside its files.
_BLOCK = 1 << 16
# A filter that leaves more of the entries than one in so many is no help: to narrow its lists takes
# longer than to add up those that are there.
_WIDE = 2


@dataclass(frozen=True, slots=True)
class NgramPostings:
    """The mapped arrays of an n-gram index.

    `vocabulary`: (grams,) uint64, sorted codes. `offsets`: (grams + 1,) int64; the sorted numbers
    of the entries with gram i are `entries[offsets[i]:offsets[i + 1]]`, uint32. `norms`: (entries,)
    float32, the length of each entry's TF-IDF vector.
    """

    vocabulary: npt.NDArray[np.uint64]
    offsets: npt.NDArray[np.int64]
    entries: npt.NDArray[np.uint32]
    norms: npt.NDArray[np.float32]


class NarrowedLists:
    """Posting lists of an index without the entries that filters rule out, as far as they are
    remembered. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._lists: dict[tuple[int, int], _BlockList] = {}
        self._bytes = 0
        self._lock = threading.Lock()
        self._filters = count()

    def new_filter(self) -> int:
        """A number for one more filter."""
        return next(self._filters)

    def get(self, filter_: int, gram: int) -> "_BlockList | None":
        """The list of a 3-gram for a filter, by their numbers."""
        return self._lists.get((filter_, gram))

    def add(self, filter_: int, gram: int, narrowed: "_BlockList") -> None:
        """Remember a list; the oldest go where there are too many."""
        with self._lock:
            if (filter_, gram) in self._lists:
                return
            self._lists[filter_, gram] = narrowed
            self._bytes += narrowed.low.nbytes + _ARRAY_BYTES
            while self._bytes > _REMEMBERED_BYTES:
                # First come, first gone: what is often asked for is soon back.
                oldest = self._lists.pop(next(iter(self._lists)))
                self._bytes -= oldest.low.nbytes + _ARRAY_BYTES


class _BlockList(NamedTuple):
    """Sorted numbers by their lower 16 bits, (n,) uint16; `edges` are the places from which on they
    are one more times 65,536.
    """

    low: npt.NDArray[np.uint16]
    edges: tuple[int, ...]

    def numbers(self) -> npt.NDArray[np.intp]:
        """The numbers themselves: (n,), of the type that numpy takes as indices."""
        numbers = self.low.astype(np.intp)
        for edge in self.edges:
            numbers[edge:] += _BLOCK
        return numbers


@dataclass(slots=True)
class AllowedPostings:
    """The posting lists of an index without the entries that `mask`, (entries,) bool, rules out;
    None rules none out.

    The entries left are numbered anew, in their order, and `norms` are theirs: diseases and
    phenotypes are a sixth of the default base, so that sums over all of them stay in the
    processor's cache. Where most are left, as of a base of genes, they keep their numbers, and
    those ruled out stay too: with infinite `norms`, their cosine is 0 whatever they are compared
    with. `remembered` may be that of other masks of the index. Safe to use from several threads.
    """

    index: NgramPostings
    mask: Mask | None
    remembered: NarrowedLists = field(default_factory=NarrowedLists)
    norms: npt.NDArray[np.float32] = field(init=False)
    _inverse_norms: npt.NDArray[np.float64] | None = field(init=False, default=None)
    _original: npt.NDArray[np.uint32] | None = field(init=False, default=None)
    _low: npt.NDArray[np.uint16] | None = field(init=False, default=None)
    _number: int = field(init=False)

    def __post_init__(self) -> None:
        self.norms, self._number = self.index.norms, self.remembered.new_filter()
        if self.mask is None:
            return
        if _WIDE * np.count_nonzero(self.mask) > len(self.mask):
            self.norms = np.where(self.mask, self.norms, np.float32(np.inf))
            return
        original = np.flatnonzero(self.mask)
        self.norms = self.norms[original]
        self._original = original.astype(np.uint32)
        # A number that is too large goes on with its lower bits.
        self._low = np.cumsum(self.mask, dtype=np.uint16) - np.uint16(1)

    @property
    def inverse_norms(self) -> npt.NDArray[np.float64]:
        """One divided by `norms`: (entries,)."""
        inverse = self._inverse_norms
        if inverse is None:
            inverse = self._inverse_norms = 1 / self.norms.astype(np.float64)
        return inverse

    @property
    def index_size(self) -> int:
        """How many entries there are, allowed or not."""
        return len(self.index.norms)

    def original(self, entries: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.uint32]:
        """The numbers that entries, (n,) integers, have in the index: (n,)."""
        if self._original is None:
            return entries.astype(np.uint32, copy=False)
        numbers: npt.NDArray[np.uint32] = self._original.take(entries, mode="clip")
        return numbers

    def find(
        self, codes: npt.NDArray[np.uint64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Mask]:
        """Numbers of those of the 3-grams that stored names have, and how many names of the whole
        index have each: both (n,) int64; and which of `codes`, (codes,), those are: (codes,) bool.
        """
        index = self.index
        grams = index.vocabulary.searchsorted(codes)
        stored: Mask = index.vocabulary.take(grams, mode="clip") == codes
        grams = grams[stored]
        return grams, index.offsets[grams + 1] - index.offsets[grams], stored

    def entries(self, gram: int) -> _Entries:
        """The sorted numbers of the entries with a 3-gram, (n,) integers: the new ones of those
        allowed, where they are numbered anew.
        """
        index = self.index
        if self.mask is None or self._low is None or self._original is None:
            return index.entries[index.offsets[gram] : index.offsets[gram + 1]]
        narrowed = self.remembered.get(self._number, gram)
        if narrowed is None:
            entries = index.entries[index.offsets[gram] : index.offsets[gram + 1]]
            allowed = entries[self.mask.take(entries, mode="clip")]
            edges = allowed.searchsorted(self._original[_BLOCK::_BLOCK])
            narrowed = _BlockList(self._low.take(allowed, mode="clip"), tuple(edges.tolist()))
            if len(entries) >= _SHORTEST_REMEMBERED:
                self.remembered.add(self._number, gram, narrowed)
        return narrowed.numbers()

    def have(self, gram: int, entries: npt.NDArray[np.integer[Any]]) -> Mask:
        """Which of the sorted allowed `entries`, (n,) numbers, have a 3-gram: (n,) bool.

        They are looked up in the list as the index has it: to narrow a common one takes far longer.
        """
        having = self.index.entries[self.index.offsets[gram] : self.index.offsets[gram + 1]]
        if not len(having):
            return np.zeros(len(entries), bool)
        # Of one type with the list: numpy would make the longer one anew.
        numbers = self.original(entries)
        there: Mask = having.take(having.searchsorted(numbers), mode="clip") == numbers
        return there
