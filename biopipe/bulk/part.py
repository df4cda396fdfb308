"""One input fragment to one part: read, annotate batch by batch, write, enter in the journal."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from biopipe.bulk.batches import OnBatch, SkippedRow, annotated, records
from biopipe.bulk.counts import Counts
from biopipe.bulk.journal import Part
from biopipe.bulk.writer import PartWriter
from biopipe.document import Document
from biopipe.io.fragments import Fragment, read_fragment
from biopipe.io.rows import OnError

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = [
    "Columns",
    "OnBatch",
    "OnInputs",
    "SkippedRow",
    "input_state",
    "parquet_rows",
    "write_part",
]

OnInputs: TypeAlias = Callable[[int], None]
"""Called with the number of inputs that were just dealt with."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where Parquet and JSON lines inputs keep the text and the id."""

    text: str = "text"
    id: str = "id"


def write_part(
    fragment: Fragment,
    nlp: "Language",
    folder: Path,
    *,
    columns: Columns,
    kb_names: Mapping[str, str],
    on_inputs: OnInputs,
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
    state = input_state(fragment.path)
    counts = Counts()
    with PartWriter(folder, fragment.name) as writer:
        source = str(fragment.path)
        batches = annotated(
            records(
                partial(_read, fragment, columns), source=source, first_row=_first_row(fragment)
            ),
            nlp,
            source=source,
            kb_names=kb_names,
            on_batch=on_batch,
            skip=skip,
            one_by_one=one_by_one,
        )
        with closing(batches):
            for batch in batches:
                for table, rows in batch.tables.items():
                    if rows.num_rows:
                        writer.write(table, rows)
                counts.add(batch.counts)
                on_inputs(batch.counts.inputs)
        counts.inputs = max(counts.inputs, parquet_rows(fragment) or 0)
        files = writer.publish(documents=counts.documents, errors=counts.errors)
    part = Part(
        name=fragment.name,
        input=str(fragment.path),
        row_group=fragment.row_group,
        input_state=state,
        counts=counts,
        files=files,
        seconds=round(time.perf_counter() - started, 3),
    )
    part.record(folder)
    return part


def input_state(path: Path) -> tuple[int, int]:
    """Size and time of the last change; another state means that the file has to be read again."""
    try:
        stat = path.stat()
    except OSError:
        return (-1, -1)
    return (stat.st_size, stat.st_mtime_ns)


def parquet_rows(fragment: Fragment) -> int | None:
    """How many rows the footer of a Parquet file promises for a fragment; None where nothing
    says.
    """
    if fragment.format != "parquet" or fragment.row_group is None:
        return None
    rows = _row_groups(fragment.path, input_state(fragment.path))
    return rows[fragment.row_group] if fragment.row_group < len(rows) else None


def _read(fragment: Fragment, columns: Columns, on_error: OnError) -> Iterator[Document]:
    return read_fragment(
        fragment, text_column=columns.text, id_column=columns.id, on_error=on_error
    )


def _first_row(fragment: Fragment) -> int:
    if fragment.format != "parquet" or not fragment.row_group:
        return 0
    return sum(_row_groups(fragment.path, input_state(fragment.path))[: fragment.row_group])


@lru_cache(maxsize=64)
def _row_groups(path: Path, state: tuple[int, int]) -> tuple[int, ...]:
    """Rows of each row group of a Parquet file in this state; empty when its footer cannot be
    read.
    """
    try:
        metadata = pq.read_metadata(path)
    except (pa.ArrowException, OSError):
        return ()
    return tuple(metadata.row_group(group).num_rows for group in range(metadata.num_row_groups))
