"""`.npy` and Arrow files through mmap."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["create_array", "open_array", "open_batch", "view"]


def create_array(path: Path, dtype: npt.DTypeLike, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """A new mapped `.npy` of zeros; OSError where the disk is full, now and not as a crash while it
    is filled.
    """
    if 0 in shape:
        np.save(path, np.zeros(shape, dtype))
        return np.zeros(shape, dtype)
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.dtype(dtype), shape=shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


def open_array(path: Path) -> npt.NDArray[Any]:
    """A mapped `.npy`, as a plain array: slices of a memmap cost several times as much to make."""
    array: npt.NDArray[Any] = np.load(path, mmap_mode="r" if path.stat().st_size > 128 else None)
    return array.view(np.ndarray)


def open_batch(path: Path) -> pa.RecordBatch:
    """The one batch of an uncompressed Arrow file."""
    return pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)


def view(column: pa.Array, dtype: type[np.generic]) -> npt.NDArray[Any]:
    """The numbers of a column without nulls, not copied."""
    # Arrow's own to_numpy imports pandas where that is installed, which takes longer than all the
    # rest.
    values = np.frombuffer(column.buffers()[1], dtype)
    return values[column.offset : column.offset + len(column)]
