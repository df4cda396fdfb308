"""`.npy` and Arrow files through mmap."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["open_array", "open_batch", "view"]


# A `.npy` of no rows is its header alone: there is nothing to map.
_HEADER_BYTES = 128


def open_array(path: Path) -> npt.NDArray[Any]:
    """A mapped `.npy`, as a plain array: slices of a memmap cost several times as much to make."""
    array: npt.NDArray[Any] = np.load(
        path, mmap_mode="r" if path.stat().st_size > _HEADER_BYTES else None
    )
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
