"""The first records of a run's inputs, for a look at what a run would give."""

from collections.abc import Sequence
from dataclasses import replace

from biopipe.bulk.parts.batches import records
from biopipe.io.fragments import Fragment, fragment_reader
from biopipe.io.input_columns import InputColumns
from biopipe.io.pieces import ByteRange

__all__ = ["first_records"]


def first_records(
    fragments: Sequence[Fragment], limit: int, columns: InputColumns
) -> list[Fragment]:
    """The fragments that hold the first `limit` records, the last of them with what is left.

    Files that do not tell how many records they hold are read, as far as is needed.
    """
    taken: list[Fragment] = []
    left = limit
    for fragment in fragments:
        if not left:
            break
        count = _count(fragment, left, columns)
        taken.append(fragment if count <= left else replace(fragment, limit=left, rows=left))
        left -= min(count, left)
    return taken


def _count(fragment: Fragment, most: int, columns: InputColumns) -> int:
    """The records of a fragment, `most` + 1 where it holds more."""
    exact = fragment.row_group is not None or isinstance(fragment.piece, ByteRange)
    if exact and fragment.rows is not None:
        return min(fragment.rows, most + 1)
    read = fragment_reader(fragment, columns)
    # A record may give a document and errors of its parts: rows count, not records.
    rows = {
        record.row
        for record in records(
            read, source=fragment.source, first_row=fragment.first_row, most=most + 1
        )
    }
    return len(rows)
