"""One input fragment to one part: read, annotate batch by batch, write, enter in the journal."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from biopipe.bulk.annotate import annotate
from biopipe.bulk.counts import Counts
from biopipe.bulk.journal import Part
from biopipe.bulk.tables import ErrorRow, document_tables, error_table
from biopipe.bulk.writer import PartWriter
from biopipe.errors import InputError
from biopipe.io.fragments import Fragment, read_fragment
from biopipe.io.rows import RowError
from biopipe.types import Document

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["Columns", "OnBatch", "OnInputs", "SkippedRow", "input_state", "parquet_rows", "write_part"]

OnInputs: TypeAlias = Callable[[int], None]
"""Called with the number of inputs that were just dealt with."""

OnBatch: TypeAlias = Callable[[Sequence[int]], None]
"""Called with the rows of the documents that are about to be annotated."""

_BATCH_DOCUMENTS = 64
_BATCH_CHARACTERS = 500_000


@dataclass(frozen=True, slots=True)
class Columns:
    """Where Parquet and JSON lines inputs keep the text and the id."""

    text: str = "text"
    id: str = "id"


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that becomes an error row without being run; `stage` says what its document did before."""

    stage: str
    error: str


@dataclass(frozen=True, slots=True)
class _Record:
    """What a reader made of a record: a document, or the reason why there is none to annotate."""

    row: int
    document: Document | None
    errors: tuple[ErrorRow, ...] = ()


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

    `on_batch` is called before a batch is annotated and `on_inputs` after it is written, both once a batch, in
    the order of the input and from the thread of the caller; several batches may be between the two. Rows of
    `skip` become error rows without being run. `one_by_one` makes every record a batch, one at a time.
    """
    started = time.perf_counter()
    state = input_state(fragment.path)
    counts = Counts()
    with PartWriter(folder, fragment.name) as writer:
        records = _skipping(_records(fragment, columns), skip or {}, str(fragment.path))
        for batch in _batches(records, documents=1 if one_by_one else _BATCH_DOCUMENTS):
            if on_batch is not None:
                on_batch([record.row for record in batch if record.document is not None])
            documents, errors = _annotated(batch, nlp, str(fragment.path))
            for table, rows in document_tables(documents, kb_names).items():
                writer.write(table, rows)
            writer.write("errors", error_table(errors))
            counts.inputs += len(batch)
            counts.errors += len(errors)
            counts.add_documents(documents)
            on_inputs(len(batch))
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
    """How many rows the footer of a Parquet file promises for a fragment; None where nothing says."""
    if fragment.format != "parquet" or fragment.row_group is None:
        return None
    rows = _row_groups(fragment.path, input_state(fragment.path))
    return rows[fragment.row_group] if fragment.row_group < len(rows) else None


def _first_row(fragment: Fragment) -> int:
    if fragment.format != "parquet" or not fragment.row_group:
        return 0
    return sum(_row_groups(fragment.path, input_state(fragment.path))[: fragment.row_group])


@lru_cache(maxsize=64)
def _row_groups(path: Path, state: tuple[int, int]) -> tuple[int, ...]:
    """Rows of each row group of a Parquet file in this state; empty when its footer cannot be read."""
    try:
        metadata = pq.read_metadata(path)
    except (pa.ArrowException, OSError):
        return ()
    return tuple(metadata.row_group(group).num_rows for group in range(metadata.num_row_groups))


def _records(fragment: Fragment, columns: Columns) -> Iterator[_Record]:
    """The records of a fragment in order, each with its row and what its reader complained about."""
    told: list[RowError] = []
    row = _first_row(fragment)
    try:
        for document in read_fragment(
            fragment, text_column=columns.text, id_column=columns.id, on_error=told.append
        ):
            errors = list(told)
            told.clear()
            # A complaint about a part of this document, which was read all the same, comes with its id.
            own = [e for e in errors if e.row == errors[-1].row and e.document_id == document.id]
            yield from _without_document(errors[: len(errors) - len(own)])
            row = own[0].row if own else max(row, errors[-1].row + 1) if errors else row
            yield _Record(row, document, tuple(map(_error_row, own)))
            row += 1
    except InputError as error:
        told.append(RowError(str(fragment.path), row, "", str(error)))
    yield from _without_document(told)


def _without_document(errors: Iterable[RowError]) -> Iterator[_Record]:
    for error in errors:
        yield _Record(error.row, None, (_error_row(error),))


def _error_row(error: RowError) -> ErrorRow:
    return ErrorRow(error.input, error.row, error.document_id, "read", error.error)


def _skipping(records: Iterable[_Record], skip: Mapping[int, SkippedRow], source: str) -> Iterator[_Record]:
    """The records, with the documents of the rows of `skip` taken out."""
    for record in records:
        skipped = skip.get(record.row)
        if skipped is None or record.document is None:
            yield record
        else:
            error = ErrorRow(source, record.row, record.document.id, skipped.stage, skipped.error)
            yield _Record(record.row, None, (*record.errors, error))


def _batches(records: Iterable[_Record], *, documents: int) -> Iterator[list[_Record]]:
    """Cut by number of documents and by length of text: what is in memory at once."""
    batch: list[_Record] = []
    characters = 0
    for record in records:
        batch.append(record)
        characters += len(record.document.text) if record.document else 0
        if len(batch) >= documents or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _annotated(batch: list[_Record], nlp: "Language", source: str) -> tuple[list[Document], list[ErrorRow]]:
    """The annotated documents of a batch, and its error rows in order of the rows."""
    errors = [error for record in batch for error in record.errors]
    readable = [(record.row, record.document) for record in batch if record.document is not None]
    documents, failed = annotate([document for _, document in readable], nlp)
    errors += [
        ErrorRow(source, readable[failure.position][0], failure.document_id, failure.stage, failure.error)
        for failure in failed
    ]
    return documents, sorted(errors, key=lambda error: error.row)
