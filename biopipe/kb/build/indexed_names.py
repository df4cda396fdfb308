"""The names of a base being built that are to be found, by their normal forms."""

from array import array
from collections import deque
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from biopipe.kb.build.forms_process import FormsProcess

__all__ = ["IndexedNames"]

_BATCH_NAMES = 1 << 14
# Batches that wait for their forms: some megabytes of text.
_MOST_WAITING = 8


class IndexedNames:
    """Hashes and rows of names in memory; their normal forms wait in the file `spool`, one a
    line. Names without letters and digits are not among them.

    What is read of it is complete when `close` was called.
    """

    def __init__(self, spool: Path) -> None:
        self.spool = spool
        self._file = spool.open("w", encoding="utf-8", newline="\n")
        # Arrays of numbers: lists would take several times the memory for ten million names.
        self._hashes, self._rows = array("Q"), array("I")
        self._order_hashes, self._order_rows = array("Q"), array("I")
        self._prefixes: list[npt.NDArray[np.uint32]] = []
        self._moved: npt.NDArray[np.uint32] | None = None
        self._texts: list[str] = []
        self._text_rows = array("I")
        self._process = FormsProcess()
        self._waiting: deque[tuple[array[int], Future[pa.RecordBatch]]] = deque()

    def __len__(self) -> int:
        return len(self._hashes)

    @property
    def hashes(self) -> npt.NDArray[np.uint64]:
        """Hash of the normal form of each: (names,) uint64."""
        return np.frombuffer(self._hashes, np.uint64)

    @property
    def rows(self) -> npt.NDArray[np.uint32]:
        """Row of the name table of each: (names,) uint32."""
        return self._row_numbers(self._rows)

    @property
    def order_hashes(self) -> npt.NDArray[np.uint64]:
        """Hash of the words in any order, of the names that have such a key: (keys,) uint64."""
        return np.frombuffer(self._order_hashes, np.uint64)

    @property
    def order_rows(self) -> npt.NDArray[np.uint32]:
        """Row of the name table of each of `order_hashes`: (keys,) uint32."""
        return self._row_numbers(self._order_rows)

    @property
    def prefixes(self) -> npt.NDArray[np.uint32]:
        """Lower bits of the hashes of the words that names begin with; they may repeat."""
        return np.concatenate([np.empty(0, np.uint32), *self._prefixes])

    def add(self, text: str, row: int) -> None:
        """Add the name in a row of the name table."""
        self._texts.append(text)
        self._text_rows.append(row)
        if len(self._texts) == _BATCH_NAMES:
            self._send()

    def move(self, moved: npt.NDArray[np.uint32]) -> None:
        """Rows of the name table are now `moved[row]`; (rows of the name table,)."""
        self._moved = moved

    def close(self) -> None:
        """No more names come."""
        if self._file.closed:
            return
        try:
            if self._texts:
                self._send()
            while self._waiting:
                self._take()
        finally:
            self._process.close()
            self._file.close()

    def remove_forms(self) -> None:
        """Remove the file of normal forms; hashes and rows stay."""
        self.close()
        self.spool.unlink(missing_ok=True)

    def _send(self) -> None:
        self._waiting.append((self._text_rows, self._process.submit(self._texts)))
        self._texts, self._text_rows = [], array("I")
        # Reading may be faster than the forms are made: it waits, or memory would fill up.
        while len(self._waiting) > _MOST_WAITING:
            self._take()

    def _take(self) -> None:
        """Keep the forms of the batch that has waited longest."""
        rows, future = self._waiting.popleft()
        batch, row_numbers = future.result(), np.frombuffer(rows, np.uint32)
        filled = pc.not_equal(batch["form"], "").to_numpy(zero_copy_only=False)
        self._hashes.frombytes(batch["hash"].to_numpy()[filled].tobytes())
        self._rows.frombytes(row_numbers[filled].tobytes())
        self._file.writelines(f"{form}\n" for form in batch["form"].to_pylist() if form)
        keyed = batch["order_hash"].is_valid().to_numpy(zero_copy_only=False)
        self._order_hashes.frombytes(batch["order_hash"].drop_null().to_numpy().tobytes())
        self._order_rows.frombytes(row_numbers[keyed].tobytes())
        self._prefixes.append(np.unique(batch["prefixes"].flatten().to_numpy()))

    def _row_numbers(self, rows: "array[int]") -> npt.NDArray[np.uint32]:
        numbers = np.frombuffer(rows, np.uint32)
        return numbers if self._moved is None else self._moved[numbers]
