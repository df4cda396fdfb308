"""How long documents may take: a time for each, more for long texts."""

from collections.abc import Iterator
from functools import partial

from biopipe.bulk.batches import Record, records
from biopipe.bulk.part import Columns, parquet_rows
from biopipe.document import Document
from biopipe.io.fragments import Fragment, read_fragment
from biopipe.io.rows import OnError

__all__ = ["TIMEOUT", "Lengths", "first_row", "time_limit"]

TIMEOUT = 120.0
"""Seconds a document may take, many times what the slowest abstract takes on one core."""

_CHARACTERS = 100_000
_BATCH_SHARE = 10


def time_limit(timeout: float, characters: int | None) -> float:
    """Seconds for a document of so many characters, or for a batch where that is None.

    `timeout` is for 100,000 characters and less; a longer text has more in proportion. A batch has
    ten times the timeout: what takes longer is run again, one document at a time.
    """
    if characters is None:
        return timeout * _BATCH_SHARE
    return timeout * max(1.0, characters / _CHARACTERS)


class Lengths:
    """Characters of the documents of a fragment, asked for in the order of their rows."""

    def __init__(self, fragment: Fragment, columns: Columns) -> None:
        read = partial(_read, fragment, columns)
        self._records: Iterator[Record] = records(
            read, source=str(fragment.path), first_row=first_row(fragment)
        )

    def of(self, row: int) -> int:
        """Characters of the document of this row."""
        found = next(
            (record for record in self._records if record.row >= row and record.document), None
        )
        return len(found.document.text) if found and found.document else 0


def first_row(fragment: Fragment) -> int:
    """The row of the input that the first record of a fragment is."""
    before = range(fragment.row_group or 0)
    return sum(
        parquet_rows(Fragment(fragment.path, fragment.format, group, "")) or 0 for group in before
    )


def _read(fragment: Fragment, columns: Columns, on_error: OnError) -> Iterator[Document]:
    return read_fragment(
        fragment, text_column=columns.text, id_column=columns.id, on_error=on_error
    )
