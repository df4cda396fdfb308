"""The beginnings of names: whether any name goes on after some words, so that a search of a text
knows when to stop.

`prefixes.npy` holds, sorted, the lower 32 bits of the hashes of the first words of every normal
form, all but the whole form. Among 20 million of them one question in 200 is answered yes by
chance, and costs a step in vain.
"""

from array import array
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from biopipe.kb.arrays import open_array
from biopipe.kb.hashing import name_hash

__all__ = ["NamePrefixes", "write_prefixes"]

_FILE = "prefixes.npy"
_LOWER = (1 << 32) - 1


def write_prefixes(directory: Path, forms: Iterable[str]) -> None:
    """Write the index of normal forms."""
    hashes = array("I")
    for form in forms:
        place = form.find(" ")
        while place >= 0:
            hashes.append(name_hash(form[:place]) & _LOWER)
            place = form.find(" ", place + 1)
    np.save(directory / _FILE, np.unique(np.frombuffer(hashes, np.uint32)))


class NamePrefixes:
    """The index of a knowledge base directory, through mmap; FileNotFoundError where an older build
    has none.
    """

    def __init__(self, directory: Path) -> None:
        self._hashes: npt.NDArray[np.uint32] = open_array(directory / _FILE)

    def known(self, hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        """Which of these, of `name_hash`, are of words that some name begins with and goes on
        after.
        """
        if not len(self._hashes):
            return np.zeros(len(hashes), bool)
        lower = (hashes & np.uint64(_LOWER)).astype(np.uint32)
        places = self._hashes.searchsorted(lower)
        found: npt.NDArray[np.bool_] = (
            self._hashes[np.minimum(places, len(self._hashes) - 1)] == lower
        )
        return found
