"""Character 3-grams of names, and what each of them weighs."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["distinct", "grams", "idf"]

_SEPARATORS = np.array([ord(" "), ord("\n")], np.uint64)

_Number = TypeVar("_Number", bound=np.generic)


def grams(text: str) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """The 3-grams of lines of text and the line of each, (n,) uint64 both: every letter with its
    neighbours, or a mark at word ends. A code is three UTF-16 units, the first in the highest bits.

    So "factor 8" gives " fa", "fac", "act", "cto", "tor", "or ", " 8 ". As in scikit-learn's
    "char_wb", which scispaCy's candidate generator uses (Neumann et al. 2019), no 3-gram spans
    words and word order plays no part.
    """
    units = np.frombuffer(f" {text} ".encode("utf-16-le", "replace"), np.uint16).astype(np.uint64)
    lines = np.cumsum(units == _SEPARATORS[1], dtype=np.uint64)
    inside = units[1:-1] > _SEPARATORS[0]
    np.maximum(units, _SEPARATORS[0], out=units)
    codes = (units[:-2] << np.uint64(32)) | (units[1:-1] << np.uint64(16)) | units[2:]
    return codes[inside], lines[1:-1][inside]


def distinct(values: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """Sorted values, (n,), without repetitions; np.unique hashes them, which takes many times as
    long.
    """
    starts = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=starts[1:])
    return values[starts]


def idf(names: int, having: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Smoothed inverse document frequency, as scikit-learn's: never zero. `names` are all names,
    `having`, (n,) int64, those that have each 3-gram; (n,) float64.
    """
    return np.log((1 + names) / (1 + having)) + 1
