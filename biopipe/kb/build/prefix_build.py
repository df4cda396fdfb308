"""The index of the beginnings of names (see `biopipe.kb.prefixes`), written."""

from array import array
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from biopipe.kb.hashing import name_hash
from biopipe.kb.prefixes import PREFIX_BITS, PREFIXES_FILE

__all__ = ["write_prefixes"]


def write_prefixes(directory: Path, forms: Iterable[str]) -> None:
    """Write the index of normal forms."""
    hashes = array("I")
    for form in forms:
        place = form.find(" ")
        while place >= 0:
            hashes.append(name_hash(form[:place]) & PREFIX_BITS)
            place = form.find(" ", place + 1)
    np.save(directory / PREFIXES_FILE, np.unique(np.frombuffer(hashes, np.uint32)))
