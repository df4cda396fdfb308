"""The index of the beginnings of names (see `biopipe.kb.prefixes`), written."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from biopipe.kb.prefixes import PREFIXES_FILE

__all__ = ["write_prefixes"]


def write_prefixes(directory: Path, hashes: npt.NDArray[np.uint32]) -> None:
    """Write the index of `hashes`, the lower bits of those of words that names begin with; they may
    come in any order and repeat.
    """
    np.save(directory / PREFIXES_FILE, np.unique(hashes))
