"""The beginnings of names: whether any name goes on after some words, so that a search of a text
knows when to stop.

`prefixes.npy` holds, sorted, the lower 32 bits of the hashes of the first words of every normal
form, all but the whole form. Among 20 million of them one question in 200 is answered yes by
chance, and costs a step in vain.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from biopipe.kb.arrays import open_array
from biopipe.kb.sorted_hashes import SortedHashes

__all__ = ["PREFIXES_FILE", "PREFIX_BITS", "NamePrefixes"]

PREFIXES_FILE = "prefixes.npy"
PREFIX_BITS = (1 << 32) - 1
"""What of a hash is stored: its lower 32 bits."""


class NamePrefixes:
    """The index of a knowledge base directory, through mmap; FileNotFoundError where an older build
    has none.
    """

    def __init__(self, directory: Path) -> None:
        self._hashes = SortedHashes(open_array(directory / PREFIXES_FILE))

    def known(self, hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        """Which of these hashes, (n,) uint64 of `name_hash`, are of words that some name begins
        with and goes on after: (n,) bool.
        """
        return self._hashes.known((hashes & np.uint64(PREFIX_BITS)).astype(np.uint32))
