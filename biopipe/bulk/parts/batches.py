"""Records in batches through a pipeline: documents to rows of the tables, and what fails to error
rows.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from biopipe.bulk.annotate import annotate, lanes_for
from biopipe.bulk.cross_references import CrossReferences
from biopipe.bulk.tables import ErrorRow, Origin, document_tables, error_table
from biopipe.document import Document
from biopipe.errors import BiopipeError, InputError
from biopipe.io.rows import OnError, RowError, exception_place
from biopipe.io.run_output.counts import Counts
from biopipe.runtime.lanes import in_lanes

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["Batch", "OnBatch", "Record", "SkippedRow", "annotated", "records"]

OnBatch: TypeAlias = Callable[[Sequence[int]], None]
"""Called with the rows of the documents that are about to be annotated."""

MakeTables: TypeAlias = Callable[[list[Document], list[int]], dict[str, pa.Table]]

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
    read: Callable[[OnError], Iterator[Document]],
    *,
    source: str,
    first_row: int = 0,
    most: int | None = None,
) -> Iterator[Record]:
    """The records of `source` in order, each with its row and what its reader complained about; the
    first `most` of them, where that is given.

    `source` is the name that error rows have, whatever its reader calls the file.
    """
    all_of_it = _records(read, source=source, first_row=first_row)
    if most is None:
        return all_of_it
    return takewhile(lambda record: record.row < first_row + most, all_of_it)


def _records(
    read: Callable[[OnError], Iterator[Document]], *, source: str, first_row: int
) -> Iterator[Record]:
    told: list[RowError] = []
    row = first_row
    try:
        for document in read(told.append):
            # Complaints are heard before the document that comes next, so they are of records
            # before it or of parts of it.
            if not told:
                yield Record(row, document)
                row += 1
                continue
            errors = list(told)
            told.clear()
            # A complaint about a part of this document, which was read all the same, comes with its
            # id.
            own = [e for e in errors if e.row == errors[-1].row and e.document_id == document.id]
            yield from _without_document(errors[: len(errors) - len(own)], source)
            row = own[0].row if own else max(row, errors[-1].row + 1)
            yield Record(row, document, tuple(_error_row(error, source) for error in own))
            row += 1
    except InputError as error:
        told.append(RowError(source, row, "", str(error)))
    except BiopipeError:
        raise
    except Exception as error:  # whatever it is that a file does to its reader, the run goes on
        why = f"the file cannot be read on from here ({exception_place(error)})"
        told.append(RowError(source, row, "", why))
    yield from _without_document(told, source)


def _without_document(errors: Iterable[RowError], source: str) -> Iterator[Record]:
    for error in errors:
        yield Record(error.row, None, (_error_row(error, source),))


def _error_row(error: RowError, source: str) -> ErrorRow:
    return ErrorRow(source, error.row, error.document_id, "read", error.error)


def annotated(
    records: Iterable[Record],
    nlp: "Language",
    *,
    source: str,
    kb_names: Mapping[str, str],
    keep: Sequence[str] = (),
    xrefs: CrossReferences | None = None,
    on_batch: OnBatch | None = None,
    skip: Mapping[int, SkippedRow] | None = None,
    one_by_one: bool = False,
    lanes: int | None = None,
) -> Generator[Batch, None, None]:
    """The records batch by batch in their order, some batches at a time (see `in_lanes`).

    `keep` names columns of `documents` that come from `Document.meta`; `xrefs` gives `mentions` a
    column of further ids.
    `on_batch` is called in that order too, before a batch is annotated. Rows of `skip` become error
    rows without being run. `one_by_one` makes every record a batch and runs one at a time.
    """

    def make_tables(documents: list[Document], rows: list[int]) -> dict[str, pa.Table]:
        origin = Origin(source, rows)
        return document_tables(documents, kb_names, origin=origin, keep=keep, xrefs=xrefs)

    def work(batch: Sequence[Record]) -> Batch:
        return _annotated(batch, nlp, source, make_tables)

    wanted = _skipping(records, skip, source) if skip else records
    batches = _announced(_batches(wanted, documents=1 if one_by_one else BATCH_DOCUMENTS), on_batch)
    if lanes is None:
        lanes = lanes_for(nlp)
    # One by one is for finding a document that crashes: there may be no other in the process.
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
    batch: Sequence[Record], nlp: "Language", source: str, make_tables: MakeTables
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
    failed_rows = {readable[failure.position][0] for failure in failed}
    rows = [(row, document.id) for row, document in readable if row not in failed_rows]
    tables, documents, unfit = _fitting_tables(documents, rows, source, make_tables)
    errors += unfit
    tables["errors"] = error_table(sorted(errors, key=lambda error: error.row))
    counts = Counts(inputs=len(batch), errors=len(errors))
    counts.add_documents(documents)
    return Batch(tables, counts)


def _fitting_tables(
    documents: list[Document], rows: list[tuple[int, str]], source: str, make_tables: MakeTables
) -> tuple[dict[str, pa.Table], list[Document], list[ErrorRow]]:
    """The tables of those documents that fit into them, these documents, and an error row for each
    that does not: a component may give anything. `rows` has row and id of each.
    """
    try:
        return make_tables(documents, [row for row, _ in rows]), documents, []
    except Exception as error:  # what odd values do to Arrow is not known in advance
        if len(documents) == 1:
            why = f"its annotations do not fit the tables ({type(error).__name__}: {error})"
            return make_tables([], []), [], [ErrorRow(source, *rows[0], "tables", why)]
    # By halves, as one document of 64 is to blame in nearly every case.
    halves = (slice(0, len(documents) // 2), slice(len(documents) // 2, None))
    parts = [_fitting_tables(documents[half], rows[half], source, make_tables) for half in halves]
    tables = {name: pa.concat_tables(part[0][name] for part in parts) for name in parts[0][0]}
    return tables, [d for part in parts for d in part[1]], [e for part in parts for e in part[2]]
