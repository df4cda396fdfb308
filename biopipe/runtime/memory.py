"""What does not fit into a device's memory is halved until it does, and the size that fits is kept
to.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import DeviceError, InputError

__all__ = ["Fitting", "is_out_of_memory"]

Feed: TypeAlias = Mapping[str, NDArray[Any]]
Outputs: TypeAlias = "list[NDArray[np.float32]]"
Run: TypeAlias = Callable[[Feed, "Sequence[str] | None"], Outputs]

# ONNX Runtime's arena (bfc_arena.cc), the CUDA runtime (error 2), cuBLAS, cuDNN and the C++
# library.
_SIGNS = (
    "bfc_arena.cc",
    "failed to allocate memory",
    "out of memory",
    "cuda error 2:",
    "cuda failure 2:",
    "alloc_failed",
    "bad_alloc",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether ONNX Runtime says that memory ran out; it has no exception type of its own for
    that.
    """
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(sign in text for sign in _SIGNS)


class Fitting:
    """Runs feeds through `run` and halves those for which memory runs out, if rows can be told
    apart.

    rows_apart: the first axis of every input and output is the same one, so a feed may be run in
    parts.
    """

    def __init__(self, run: Run, *, rows_apart: bool, device: str) -> None:
        self._run = run
        self._rows_apart = rows_apart
        self._device = device
        self.most_tokens: int | None = None

    def __call__(self, feed: Feed, outputs: Sequence[str] | None) -> Outputs:
        """The outputs of the whole feed, in however many runs it takes."""
        rows, length = _shape(feed)
        fits = rows if self.most_tokens is None else max(1, self.most_tokens // length)
        if self._rows_apart and rows > fits:
            return self._in_parts(feed, outputs, fits)
        try:
            return self._run(feed, outputs)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        self._shrink(rows, length)
        return self._in_parts(feed, outputs, (rows + 1) // 2)

    def _in_parts(self, feed: Feed, outputs: Sequence[str] | None, size: int) -> Outputs:
        rows, _ = _shape(feed)
        parts = [
            self({name: array[start : start + size] for name, array in feed.items()}, outputs)
            for start in range(0, rows, size)
        ]
        return [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]

    def _shrink(self, rows: int, length: int) -> None:
        if not self._rows_apart:
            raise InputError(
                f"A document of {rows} windows of {length} tokens does not fit into the memory of "
                f"{self._device}; "
                "free memory there, or annotate this document with --device cpu."
            )
        if rows < 2:
            raise DeviceError(
                f"A single window of {length} tokens does not fit into the memory of "
                f"{self._device}; free memory "
                "there, take a smaller model, or use --device cpu."
            )
        half = (rows + 1) // 2 * length
        self.most_tokens = half if self.most_tokens is None else min(half, self.most_tokens)
        warnings.warn(
            f"{rows} windows of {length} tokens did not fit into the memory of {self._device}; "
            "from here on batches "
            f"hold at most {self.most_tokens} tokens.",
            stacklevel=2,
        )


def _shape(feed: Feed) -> tuple[int, int]:
    """Rows and length of the first input, which is (windows, tokens)."""
    shape = next(iter(feed.values())).shape
    return int(shape[0]), int(shape[1]) if len(shape) > 1 else 1
