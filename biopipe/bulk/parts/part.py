"""One input fragment to one part: read, annotate batch by batch, write, enter in the journal."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from biopipe.bulk.cross_references import CrossReferences
from biopipe.bulk.parts.batches import Batch, OnBatch, SkippedRow, annotated, records
from biopipe.bulk.parts.collector import rare_collections
from biopipe.bulk.parts.writer import PartWriter
from biopipe.io.fragments import Fragment, fragment_reader
from biopipe.io.input_columns import InputColumns
from biopipe.io.run_output.counts import Counts
from biopipe.io.run_output.journal import FileMark, Part

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["OnBatch", "OnInputs", "SkippedRow", "input_state", "record_part", "write_part"]

OnInputs: TypeAlias = Callable[[int], None]
"""Called with the number of inputs that were just dealt with."""


def write_part(
    fragment: Fragment,
    nlp: "Language",
    folder: Path,
    *,
    columns: InputColumns,
    kb_names: Mapping[str, str],
    on_inputs: OnInputs,
    xrefs: CrossReferences | None = None,
    on_batch: OnBatch | None = None,
    skip: Mapping[int, SkippedRow] | None = None,
    one_by_one: bool = False,
) -> Part:
    """Annotate `fragment` into `folder` and return its journal entry, which is on disk by then.

    `on_batch` is called before a batch is annotated and `on_inputs` after it is written, both once
    a batch, in the order of the input and from the thread of the caller; several batches may be
    between the two. Rows of `skip` become error rows without being run. `one_by_one` makes every
    record a batch, one at a time.
    """
    started = time.perf_counter()
    source = fragment.source
    # Before reading: a file that changes meanwhile is then seen to differ and is read again.
    state = input_state(fragment.path)
    read = fragment_reader(fragment, columns)
    with PartWriter(folder, fragment.name, keep=columns.keep, xrefs=xrefs is not None) as writer:
        batches = annotated(
            records(read, source=source, first_row=fragment.first_row, most=fragment.limit),
            nlp,
            source=source,
            kb_names=kb_names,
            keep=columns.keep,
            xrefs=xrefs,
            on_batch=on_batch,
            skip=skip,
            one_by_one=one_by_one,
        )
        # Closed on an error too, or threads would go on with batches that nobody writes.
        with closing(batches), rare_collections():
            counts = _write_batches(batches, writer, on_inputs)
        files = writer.publish(documents=counts.documents, errors=counts.errors)
    return record_part(fragment, folder, counts, files, state=state, seconds=_since(started))


def _since(started: float) -> float:
    """Seconds, to the millisecond."""
    return round(time.perf_counter() - started, 3)


def _write_batches(batches: Iterable[Batch], writer: PartWriter, on_inputs: OnInputs) -> Counts:
    """Write the rows of all batches; what they held."""
    counts = Counts()
    for batch in batches:
        for table, rows in batch.tables.items():
            if rows.num_rows:
                writer.write(table, rows)
        counts.add(batch.counts)
        on_inputs(batch.counts.inputs)
    return counts


def record_part(
    fragment: Fragment,
    folder: Path,
    counts: Counts,
    files: Mapping[str, FileMark],
    *,
    state: tuple[int, int],
    seconds: float,
) -> Part:
    """Enter a part whose files are in place in the journal.

    Rows that a damaged row group hides count as inputs, as the file's footer promised them.
    """
    if fragment.row_group is not None:
        counts.inputs = max(counts.inputs, fragment.rows or 0)
    part = Part(
        name=fragment.name,
        input=fragment.source,
        row_group=fragment.row_group,
        first_row=fragment.first_row,
        input_state=state,
        counts=counts,
        files=files,
        seconds=seconds,
    )
    # Last of all: the entry is what makes the part count.
    part.record(folder)
    return part


def input_state(path: Path) -> tuple[int, int]:
    """Size in bytes and time of the last change in nanoseconds, (-1, -1) for no file; another state
    means that the file has to be read again.
    """
    try:
        stat = path.stat()
    except OSError:
        return (-1, -1)
    return (stat.st_size, stat.st_mtime_ns)
