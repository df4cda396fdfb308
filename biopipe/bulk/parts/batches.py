"""Records in batches through a pipeline: documents to rows of the tables, and what fails to error
rows.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from biopipe.bulk.annotate import annotate, lanes_for
from biopipe.bulk.tables import ErrorRow, document_tables, error_table
from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io.rows import OnError, RowError
from biopipe.io.run_output.counts import Counts
from biopipe.runtime.lanes import in_lanes

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["Batch", "OnBatch", "Record", "SkippedRow", "annotated", "records"]

OnBatch: TypeAlias = Callable[[Sequence[int]], None]
"""Called with the rows of the documents that are about to be annotated."""

BATCH_DOCUMENTS = 64
BATCH_CHARACTERS = 500_000


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that becomes an error row without being run; `stage` says what its document did
    before.
    """

    stage: str
    error: str


@dataclass(frozen=True, slots=True)
class Record:
    """What a reader made of a record: a document, or the reason why there is none to annotate."""

    row: int
    document: Document | None
    errors: tuple[ErrorRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that went through: its rows by table, and what it held."""

    tables: Mapping[str, pa.Table]
    counts: Counts


def records(
    read: Callable[[OnError], Iterator[Document]], *, source: str, first_row: int = 0
) -> Iterator[Record]:
    """The records of `source` in order, each with its row and what its reader complained about."""
    told: list[RowError] = []
    row = first_row
    try:
        for document in read(told.append):
            if not told:
                yield Record(row, document)
                row += 1
                continue
            errors = list(told)
            told.clear()
            # A complaint about a part of this document, which was read all the same, comes with its
            # id.
            own = [e for e in errors if e.row == errors[-1].row and e.document_id == document.id]
            yield from _without_document(errors[: len(errors) - len(own)])
            row = own[0].row if own else max(row, errors[-1].row + 1)
            yield Record(row, document, tuple(map(_error_row, own)))
            row += 1
    except InputError as error:
        told.append(RowError(source, row, "", str(error)))
    yield from _without_document(told)


def _without_document(errors: Iterable[RowError]) -> Iterator[Record]:
    for error in errors:
        yield Record(error.row, None, (_error_row(error),))


def _error_row(error: RowError) -> ErrorRow:
    return ErrorRow(error.input, error.row, error.document_id, "read", error.error)


def annotated(
    records: Iterable[Record],
    nlp: "Language",
    *,
    source: str,
    kb_names: Mapping[str, str],
    on_batch: OnBatch | None = None,
    skip: Mapping[int, SkippedRow] | None = None,
    one_by_one: bool = False,
    lanes: int | None = None,
) -> Generator[Batch, None, None]:
    """The records batch by batch in their order, some batches at a time (see `in_lanes`).

    `on_batch` is called in that order too, before a batch is annotated. Rows of `skip` become error
    rows without being run. `one_by_one` makes every record a batch and runs one at a time.
    """

    def work(batch: Sequence[Record]) -> Batch:
        return _annotated(batch, nlp, source, kb_names)

    wanted = _skipping(records, skip, source) if skip else records
    batches = _announced(_batches(wanted, documents=1 if one_by_one else BATCH_DOCUMENTS), on_batch)
    if lanes is None:
        lanes = lanes_for(nlp)
    return in_lanes(work, batches, lanes=0 if one_by_one else lanes)


def _skipping(
    records: Iterable[Record], skip: Mapping[int, SkippedRow], source: str
) -> Iterator[Record]:
    """The records, with the documents of the rows of `skip` taken out."""
    for record in records:
        skipped = skip.get(record.row)
        if skipped is None or record.document is None:
            yield record
        else:
            error = ErrorRow(source, record.row, record.document.id, skipped.stage, skipped.error)
            yield Record(record.row, None, (*record.errors, error))


def _batches(records: Iterable[Record], *, documents: int) -> Iterator[list[Record]]:
    """Cut by number of documents and by length of text: what is in memory at once."""
    batch: list[Record] = []
    characters = 0
    for record in records:
        batch.append(record)
        characters += len(record.document.text) if record.document else 0
        if len(batch) >= documents or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _announced(batches: Iterable[list[Record]], on_batch: OnBatch | None) -> Iterator[list[Record]]:
    for batch in batches:
        if on_batch is not None:
            on_batch([record.row for record in batch if record.document is not None])
        yield batch


def _annotated(
    batch: Sequence[Record], nlp: "Language", source: str, kb_names: Mapping[str, str]
) -> Batch:
    """The rows of a batch, error rows in order of the input's."""
    errors = [error for record in batch for error in record.errors]
    readable = [(record.row, record.document) for record in batch if record.document is not None]
    documents, failed = annotate([document for _, document in readable], nlp)
    errors += [
        ErrorRow(
            source, readable[failure.position][0], failure.document_id, failure.stage, failure.error
        )
        for failure in failed
    ]
    tables = document_tables(documents, kb_names)
    tables["errors"] = error_table(sorted(errors, key=lambda error: error.row))
    counts = Counts(inputs=len(batch), errors=len(errors))
    counts.add_documents(documents)
    return Batch(tables, counts)
