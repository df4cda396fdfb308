"""The part of a fragment that no process survives: one error row."""

from pathlib import Path

from biopipe.bulk.counts import Counts
from biopipe.bulk.journal import Part
from biopipe.bulk.limits import first_row
from biopipe.bulk.part import input_state, parquet_rows
from biopipe.bulk.suspects import Cause
from biopipe.bulk.tables import ErrorRow, error_table
from biopipe.bulk.writer import PartWriter
from biopipe.io.fragments import Fragment

__all__ = ["write_unreadable"]


def write_unreadable(fragment: Fragment, folder: Path, cause: Cause) -> Part:
    """Write the part, enter it in the journal and return its entry."""
    error = f"{cause.error} again and again while no document was being annotated; the fragment is left out"
    row = ErrorRow(str(fragment.path), first_row(fragment), "", cause.stage, error)
    with PartWriter(folder, fragment.name) as writer:
        writer.write("errors", error_table([row]))
        files = writer.publish(documents=0, errors=1)
    counts = Counts(inputs=max(1, parquet_rows(fragment) or 0), errors=1)
    state = input_state(fragment.path)
    part = Part(fragment.name, str(fragment.path), fragment.row_group, state, counts, files, 0.0)
    part.record(folder)
    return part
