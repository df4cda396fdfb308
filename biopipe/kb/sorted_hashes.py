"""A sorted array of hashes, mapped from a file: where hashes stand in it, many at once."""

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["SortedHashes"]

# Hashes are spread evenly, so their upper bits tell where they are to within a few: of two million
# some thirty, in place of 20 steps through pages that no cache holds.
_PART_BITS = 16
# A table of the parts costs as much as so many searches without one.
_SEARCHES_A_TABLE = 1 << 14


class SortedHashes:
    """`array`: (n,) uint64 or uint32, sorted; each number is as likely as any other.

    Once many hashes were asked, a table of 256 KB says where those with the same upper bits begin.
    Safe to use from several threads.
    """

    def __init__(self, array: npt.NDArray[np.uint64] | npt.NDArray[np.uint32]) -> None:
        self.array = array
        self._shift = array.dtype.type(8 * array.dtype.itemsize - _PART_BITS)
        self._asked = 0
        self._parts: tuple[npt.NDArray[np.uint32], int] | None = None

    def __len__(self) -> int:
        return len(self.array)

    def places(
        self, hashes: npt.NDArray[np.uint64] | npt.NDArray[np.uint32]
    ) -> npt.NDArray[np.int64]:
        """The first place with each hash, or where it would be, as `searchsorted` gives: (n,) of
        `hashes`, (n,) of the array's type.
        """
        if self._parts is None:
            self._asked += len(hashes)
            pays = self._asked > _SEARCHES_A_TABLE < len(self.array)
            if not pays or len(self.array) >= 1 << 32:
                return self.array.searchsorted(hashes)
            self._parts = self._table()
        begins, steps = self._parts
        part = (hashes >> self._shift).astype(np.intp)
        low, high = begins[part].astype(np.int64), begins[part + 1].astype(np.int64)
        for _ in range(steps):
            middle = (low + high) >> 1
            below = self.array.take(middle, mode="clip") < hashes
            below &= middle < high
            low, high = np.where(below, middle + 1, low), np.where(below, high, middle)
        return low

    def known(
        self, hashes: npt.NDArray[np.uint64] | npt.NDArray[np.uint32]
    ) -> npt.NDArray[np.bool_]:
        """Which of `hashes`, (n,) of the array's type, it has: (n,) bool."""
        if not len(self.array):
            return np.zeros(len(hashes), np.bool_)
        known: npt.NDArray[np.bool_] = self.array.take(self.places(hashes), mode="clip") == hashes
        return known

    def _table(self) -> tuple[npt.NDArray[np.uint32], int]:
        """Where each part begins, and the end: (parts + 1,); and how often to halve the longest."""
        numbers: npt.NDArray[Any] = np.arange(1 << _PART_BITS, dtype=self.array.dtype)
        firsts = numbers << self._shift
        begins = np.append(self.array.searchsorted(firsts), len(self.array))
        return begins.astype(np.uint32), int(np.diff(begins).max()).bit_length()
