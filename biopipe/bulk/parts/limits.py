"""How long documents may take: a time for each, more for long texts."""

from collections.abc import Iterator

from biopipe.bulk.parts.batches import Record, records
from biopipe.io.fragments import Fragment, fragment_reader
from biopipe.io.input_columns import InputColumns

__all__ = ["DocumentLengths", "time_limit"]

# A text of this many characters, a full paper, has the whole timeout; longer ones more in
# proportion.
_CHARACTERS_PER_TIMEOUT = 100_000
# A batch holds 64 documents; one that takes ten timeouts is worth running again one by one.
_TIMEOUTS_PER_BATCH = 10


def time_limit(timeout: float, characters: int | None) -> float:
    """Seconds for a document of so many characters, or for a batch where that is None.

    `timeout` is for 100,000 characters and less; a longer text has more in proportion. A batch has
    ten times the timeout: what takes longer is run again, one document at a time.
    """
    if characters is None:
        return timeout * _TIMEOUTS_PER_BATCH
    return timeout * max(1.0, characters / _CHARACTERS_PER_TIMEOUT)


class DocumentLengths:
    """Characters of the documents of a fragment, asked for in the order of their rows."""

    def __init__(self, fragment: Fragment, columns: InputColumns) -> None:
        read = fragment_reader(fragment, columns)
        self._records: Iterator[Record] = records(
            read, source=fragment.source, first_row=fragment.first_row
        )

    def of(self, row: int) -> int:
        """Characters of the document of this row; 0 where none can be read."""
        # Rows are asked for in order, so a single pass over the file serves all of them.
        record = next(
            (record for record in self._records if record.row >= row and record.document), None
        )
        return len(record.document.text) if record and record.document else 0
