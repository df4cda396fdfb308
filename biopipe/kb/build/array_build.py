"""`.npy` files that are filled through mmap, or written and read piece by piece."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["ArrayWriter", "array_pieces", "create_array"]


def create_array(path: Path, dtype: npt.DTypeLike, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """A new mapped `.npy` of zeros; OSError where the disk is full, now and not as a crash while it
    is filled.
    """
    # Nothing cannot be mapped.
    if 0 in shape:
        np.save(path, np.zeros(shape, dtype))
        return np.zeros(shape, dtype)
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.dtype(dtype), shape=shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


class ArrayWriter:
    """A new `.npy` of this shape, whose rows come in order; none of its pages stay in memory."""

    def __init__(self, path: Path, dtype: npt.DTypeLike, shape: tuple[int, ...]) -> None:
        self._dtype = np.dtype(dtype)
        self._file = path.open("wb")
        about = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": shape,
        }
        np.lib.format.write_array_header_1_0(self._file, about)

    def append(self, rows: npt.NDArray[Any]) -> None:
        """Write the next rows, of the shape's other dimensions."""
        self._file.write(np.ascontiguousarray(rows, self._dtype).data)

    def __enter__(self) -> "ArrayWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()


def array_pieces(path: Path, rows: int) -> Iterator[npt.NDArray[Any]]:
    """The rows of a `.npy`, so many at a time, each piece mapped alone: what was read before does
    not count as memory of the process.
    """
    length = len(np.load(path, mmap_mode="r"))
    for first in range(0, length, rows):
        # A map of its own each time: its pages go with the piece.
        yield np.load(path, mmap_mode="r")[first : first + rows].view(np.ndarray)
