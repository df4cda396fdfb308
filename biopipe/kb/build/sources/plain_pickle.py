"""Pickles of plain containers, and of tables of pandas, read without running anything that is in
them.
"""

import bz2
import lzma
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NoReturn

import numpy as np

from biopipe.errors import KnowledgeBaseError

__all__ = ["read_plain_frame", "read_plain_pickle"]


class _PlainUnpickler(pickle.Unpickler):
    """Refuses every class and function that a pickle names, which leaves dicts, lists, strings,
    numbers and truth values.
    """

    def find_class(self, module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"it wants {module}.{name}")


def read_plain_pickle(path: Path) -> Any:
    """What a pickle, compressed with bzip2, holds; KnowledgeBaseError where that is anything but
    plain containers, or the file is damaged.
    """
    try:
        with bz2.open(path) as file:
            return _PlainUnpickler(file).load()
    except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise KnowledgeBaseError(
            f"{path} is no pickle of plain containers ({error}); install its package again."
        ) from error


def read_plain_frame(path: Path) -> dict[str, Sequence[Any]]:
    """The columns of a table that pandas pickled, compressed with xz, by name; KnowledgeBaseError
    where the file is damaged or holds anything but numbers and strings.

    pandas itself is not asked: the versions that wrote such files are not those that read them.
    """
    try:
        with lzma.open(path) as file:
            frame = _FrameUnpickler(file).load()
        *_, state = frame.state["_mgr"].state
        (layout,) = state.values()  # by the version of pandas that first wrote it
        names = layout["axes"][0].arguments[1]["data"].tolist()
        columns: dict[str, Sequence[Any]] = {}
        for block in layout["blocks"]:
            rows = block["values"].tolist()
            columns.update(zip((names[place] for place in _places(block)), rows, strict=True))
    except _FAULTS as error:
        raise KnowledgeBaseError(
            f"{path} is no pickle of a plain table ({error}); install its package again."
        ) from error
    return columns


_FAULTS = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, IndexError),
    *(lzma.LZMAError, pickle.UnpicklingError),
)


def _places(block: dict[str, Any]) -> list[int]:
    """The numbers of the columns that a block of a table holds."""
    where = block["mgr_locs"]
    return list(range(where.stop)[where]) if isinstance(where, slice) else where.tolist()


class _Kept:
    """In place of any object of pandas: what it was made of, and nothing is done with it."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state


def _array_of_bytes(
    content: bytes, dtype: Any, shape: Sequence[int], order: Literal["C", "F"]
) -> Any:
    return np.frombuffer(content, dtype).reshape(shape, order=order)


def _empty_array(kind: Any, shape: Sequence[int], dtype: Any) -> Any:
    """An array that its state fills, as numpy has arrays pickled."""
    return np.ndarray(shape, dtype)


class _FrameUnpickler(pickle.Unpickler):
    """Objects of pandas are `_Kept`; of numpy there are arrays and their types, and slices; all
    else is refused.
    """

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("pandas.") and name.isidentifier():
            return _Kept
        found = _OF_NUMPY.get(name) if module.partition(".")[0] == "numpy" else None
        if (module, name) == ("builtins", "slice"):
            found = slice
        if found is None:
            raise pickle.UnpicklingError(f"it wants {module}.{name}")
        return found


_OF_NUMPY: dict[str, Any] = {
    "ndarray": np.ndarray,
    "dtype": np.dtype,
    "_reconstruct": _empty_array,
    "_frombuffer": _array_of_bytes,
}
