"""The part of a fragment that no process survives: one error row."""

from collections.abc import Sequence
from pathlib import Path

from biopipe.bulk.parts.part import input_state, record_part
from biopipe.bulk.parts.writer import PartWriter
from biopipe.bulk.retry import ExitCause
from biopipe.bulk.tables import ErrorRow, error_table
from biopipe.io.fragments import Fragment
from biopipe.io.run_output.counts import Counts
from biopipe.io.run_output.journal import Part

__all__ = ["write_unreadable"]


def write_unreadable(
    fragment: Fragment,
    folder: Path,
    cause: ExitCause,
    *,
    keep: Sequence[str] = (),
    xrefs: bool = False,
) -> Part:
    """Write the part, enter it in the journal and return its entry."""
    error = (
        f"{cause.error} again and again while no document was being annotated; the fragment is "
        "left out"
    )
    row = ErrorRow(fragment.source, fragment.first_row, "", cause.stage, error)
    # A file that is mended later has another state, and is then tried again.
    state = input_state(fragment.path)
    with PartWriter(folder, fragment.name, keep=keep, xrefs=xrefs) as writer:
        writer.write("errors", error_table([row]))
        files = writer.publish(documents=0, errors=1)
    counts = Counts(inputs=max(1, fragment.rows or 0), errors=1)
    return record_part(fragment, folder, counts, files, state=state, seconds=0.0)
