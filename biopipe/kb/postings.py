"""Posting lists of 3-grams on disk, and those of the entries that a filter allows, in memory."""

import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from biopipe.kb.groups import Mask

__all__ = ["AllowedPostings", "NgramPostings"]

_Entries = npt.NDArray[np.unsignedinteger[Any]]

# For each filter. All lists of the default base take 14 MB narrowed to its diseases; with less the
# common ones would be narrowed again for every other name.
_REMEMBERED_BYTES = 16_000_000
# What a small array takes beside its numbers.
_ARRAY_BYTES = 150


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


@dataclass(slots=True)
class AllowedPostings:
    """The posting lists of an index without the entries that `mask`, (entries,) bool, rules out;
    None rules none out.

    The entries left are numbered anew, in their order, and `norms` are theirs: diseases and
    phenotypes are a fourteenth of the default base, so that sums over all of them stay in the
    processor's cache. Safe to use from several threads.
    """

    index: NgramPostings
    mask: Mask | None
    norms: npt.NDArray[np.float32] = field(init=False)
    _inverse_norms: npt.NDArray[np.float64] | None = field(init=False, default=None)
    _original: npt.NDArray[np.uint32] | None = field(init=False, default=None)
    _renumbered: _Entries | None = field(init=False, default=None)
    _narrowed: dict[int, _Entries] = field(default_factory=dict)
    _bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.norms = self.index.norms
        if self.mask is not None:
            original = np.flatnonzero(self.mask)
            few = len(original) <= np.iinfo(np.uint16).max + 1
            places = np.cumsum(self.mask, dtype=np.uint32) - np.uint32(1)
            self.norms = self.norms[original]
            self._original = original.astype(np.uint32)
            self._renumbered = places.astype(np.uint16) if few else places

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
            return entries.astype(np.uint32)
        numbers: npt.NDArray[np.uint32] = self._original[entries]
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
        """The sorted new numbers of the allowed entries with a 3-gram: (n,), uint16 where that
        holds them all, else uint32.
        """
        narrowed = self._narrowed.get(gram)
        if narrowed is not None:
            return narrowed
        index = self.index
        entries = index.entries[index.offsets[gram] : index.offsets[gram + 1]]
        if self.mask is None or self._renumbered is None:
            return entries
        allowed = entries[self.mask.take(entries, mode="clip")]
        narrowed = self._renumbered.take(allowed, mode="clip")
        self._remember(gram, narrowed)
        return narrowed

    def have(self, gram: int, entries: npt.NDArray[np.integer[Any]]) -> Mask:
        """Which of the sorted allowed `entries`, (n,) new numbers, have a 3-gram: (n,) bool.

        A list that nobody added up yet is looked into as the index has it: to narrow a common one
        takes far longer than to look a few entries up.
        """
        numbers: npt.NDArray[Any] = entries
        having = self._narrowed.get(gram)
        if having is None:
            having = self.index.entries[self.index.offsets[gram] : self.index.offsets[gram + 1]]
            if self._original is not None:
                numbers = self._original.take(entries, mode="clip")
        if not len(having):
            return np.zeros(len(numbers), bool)
        # Both of one type: numpy would make the longer one anew.
        numbers = numbers.astype(having.dtype, copy=False)
        there: Mask = having.take(having.searchsorted(numbers), mode="clip") == numbers
        return there

    def _remember(self, gram: int, entries: _Entries) -> None:
        with self._lock:
            self._narrowed[gram] = entries
            self._bytes += entries.nbytes + _ARRAY_BYTES
            while self._bytes > _REMEMBERED_BYTES:
                # First come, first gone: what is often asked for is soon back.
                oldest = self._narrowed.pop(next(iter(self._narrowed)))
                self._bytes -= oldest.nbytes + _ARRAY_BYTES
