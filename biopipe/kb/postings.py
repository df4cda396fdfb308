"""Posting lists of 3-grams on disk, and those of the entries that a filter allows, in memory."""

import threading
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from biopipe.kb.groups import Mask

__all__ = ["AllowedPostings", "NgramPostings"]

_Entries = npt.NDArray[np.uint32]

# For each filter. The 1,257 3-grams that 300 abstracts ask the default base for, narrowed to its
# diseases and phenotypes, take 4.8 MB; all would take 20 MB.
_REMEMBERED_BYTES = 6_000_000
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
    entries: _Entries
    norms: npt.NDArray[np.float32]


@dataclass(slots=True)
class AllowedPostings:
    """The posting lists of an index without the entries that `mask`, (entries,) bool, rules out;
    None rules none out.

    Diseases and phenotypes are a quarter of the default base, and a search adds up that much less.
    Safe to use from several threads.
    """

    index: NgramPostings
    mask: Mask | None
    _narrowed: dict[int, _Entries] = field(default_factory=dict)
    _bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def norms(self) -> npt.NDArray[np.float32]:
        return self.index.norms

    def find(
        self, codes: npt.NDArray[np.uint64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Numbers of those of the 3-grams that stored names have, and how many names of the whole
        index have each: both (n,) int64.
        """
        index = self.index
        grams = index.vocabulary.searchsorted(codes)
        grams = grams[index.vocabulary.take(grams, mode="clip") == codes]
        return grams, index.offsets[grams + 1] - index.offsets[grams]

    def entries(self, gram: int) -> _Entries:
        """The sorted numbers of the allowed entries with a 3-gram: (n,) uint32."""
        narrowed = self._narrowed.get(gram)
        if narrowed is not None:
            return narrowed
        index = self.index
        entries = index.entries[index.offsets[gram] : index.offsets[gram + 1]]
        if self.mask is None:
            return entries
        entries = entries[self.mask.take(entries, mode="clip")]
        self._remember(gram, entries)
        return entries

    def _remember(self, gram: int, entries: _Entries) -> None:
        with self._lock:
            self._narrowed[gram] = entries
            self._bytes += entries.nbytes + _ARRAY_BYTES
            while self._bytes > _REMEMBERED_BYTES:
                # First come, first gone: what is often asked for is soon back.
                oldest = self._narrowed.pop(next(iter(self._narrowed)))
                self._bytes -= oldest.nbytes + _ARRAY_BYTES
