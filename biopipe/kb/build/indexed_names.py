"""The names of a base being built that are to be found, by their normal forms."""

from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from biopipe.kb.hashing import name_hash

__all__ = ["IndexedNames"]


class IndexedNames:
    """Hashes and rows of names in memory; their normal forms wait in the file `spool`, one a
    line.
    """

    def __init__(self, spool: Path) -> None:
        self.spool = spool
        self._file = spool.open("w", encoding="utf-8", newline="\n")
        self._hashes, self._rows = array("Q"), array("I")
        self._moved: npt.NDArray[np.uint32] | None = None

    def __len__(self) -> int:
        return len(self._hashes)

    @property
    def hashes(self) -> npt.NDArray[np.uint64]:
        """Hash of the normal form of each: (names,) uint64."""
        return np.frombuffer(self._hashes, np.uint64)

    @property
    def rows(self) -> npt.NDArray[np.uint32]:
        """Row of the name table of each: (names,) uint32."""
        rows = np.frombuffer(self._rows, np.uint32)
        return rows if self._moved is None else self._moved[rows]

    def add(self, normalized: str, row: int) -> None:
        """Add the normal form of a row of the name table."""
        self._hashes.append(name_hash(normalized))
        self._rows.append(row)
        self._file.write(normalized + "\n")

    def move(self, moved: npt.NDArray[np.uint32]) -> None:
        """Rows of the name table are now `moved[row]`; (rows of the name table,)."""
        self._moved = moved

    def forms(self) -> Iterator[str]:
        """The normal forms, in the order in which they were added."""
        self.close()
        with self.spool.open(encoding="utf-8", newline="\n") as file:
            for line in file:
                yield line[:-1]

    def close(self) -> None:
        """No more names come."""
        self._file.close()

    def remove_forms(self) -> None:
        """Remove the file of normal forms; hashes and rows stay."""
        self.close()
        self.spool.unlink(missing_ok=True)
