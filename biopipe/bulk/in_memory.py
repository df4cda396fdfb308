"""Annotate a table in memory, or a stream of tables, without files."""

import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from spacy.language import Language

from biopipe.bulk.cross_references import CrossReferences
from biopipe.bulk.parts.batches import annotated, records
from biopipe.bulk.parts.part import input_state
from biopipe.bulk.parts.pipeline import cross_references, kb_names
from biopipe.bulk.tables import TABLES, schemas_with
from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.io import frames
from biopipe.io.input_columns import InputColumns
from biopipe.io.rows import OnError
from biopipe.kb.build.progress import progress_bar
from biopipe.pipeline import load

if TYPE_CHECKING:
    from biopipe.io.frames import Chunks

__all__ = ["Tables", "annotate_batches", "annotate_table"]

# Pipelines of a notebook that are kept: each holds a model and maps of bases.
_LOADED = 4
# Two threads that ask for one pipeline at once would both load it: lru_cache does not wait.
_LOADING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Tables:
    """What `biopipe run` writes, with the same columns; `row` counts the rows given from 0."""

    documents: pa.Table
    mentions: pa.Table
    relations: pa.Table
    errors: pa.Table

    def __repr__(self) -> str:
        rows = (f"{name}={getattr(self, name).num_rows:,}" for name in TABLES)
        return f"<Tables with rows: {', '.join(rows)}>"


def annotate_table(
    table: Any,
    *,
    text: str = "text",
    id: str = "id",
    title: str = "",
    keep: Sequence[str] = (),
    xrefs: Sequence[str] = (),
    pipeline: str | Path | Language = "default",
    device: str | None = None,
    progress: bool = False,
) -> Tables:
    """Annotate the column `text` of a table; the column `id` names the rows.

    `table` is a pandas or polars DataFrame, a pyarrow Table, RecordBatch or RecordBatchReader,
    whatever else has the Arrow PyCapsule interface, or an iterable of these; date, journal, doi,
    pmc and title are read as from Parquet. A row without text, or one that fails, is a row of
    `errors`; rows that share an id all stay. InputError when a column is missing or is not text.
    `title` names a column that is put before the text, `keep` columns that `documents` gets as
    text, and `xrefs` systems of ids, such as ["MONDO", "OMIM"], for a column of `mentions`.

    `pipeline` is a loaded one, or what `biopipe.load` takes, loaded once a process on `device`. With
    `progress` a bar counts the documents, on stderr or below the cell of a notebook.

    On CPU each row's result is its own, whatever the other rows are; on a GPU windows run together,
    which changes the last digits of scores. Mentions are ordered by place and label, relations by
    score and ids, candidates by probability.
    """
    columns = InputColumns(text, id, title, tuple(keep))
    batches = _batches(table, columns, xrefs, pipeline, device)
    parts = list(_counted(batches, table) if progress else batches)
    schemas = schemas_with(keep, xrefs=bool(xrefs))
    return Tables(**{name: _stacked(name, parts, schemas[name]) for name in TABLES})


def _counted(batches: Iterator[Tables], table: Any) -> Iterator[Tables]:
    """The batches, with a bar of the documents in them."""
    # Of a stream nobody knows how many there will be.
    shape = getattr(table, "shape", None)
    done = 0
    with progress_bar("Annotating", about=shape[0] if shape else None) as advance:
        for batch in batches:
            done += batch.documents.num_rows
            advance(done)
            yield batch


def _stacked(name: str, parts: Sequence[Tables], schema: pa.Schema) -> pa.Table:
    """A table of all parts in one; without parts it has its columns and no row."""
    empty = schema.empty_table()
    return pa.concat_tables([empty, *(getattr(part, name) for part in parts)]).combine_chunks()


def annotate_batches(
    table: Any,
    *,
    text: str = "text",
    id: str = "id",
    title: str = "",
    keep: Sequence[str] = (),
    xrefs: Sequence[str] = (),
    pipeline: str | Path | Language = "default",
    device: str | None = None,
) -> Generator[Tables, None, None]:
    """As `annotate_table`, but the tables of some rows at a time, in order, while they are read.

    What is held in memory does not grow with the number of rows. Columns are checked before this
    returns.
    """
    columns = InputColumns(text, id, title, tuple(keep))
    return _batches(table, columns, xrefs, pipeline, device)


def _batches(
    table: Any,
    columns: InputColumns,
    xrefs: Sequence[str],
    pipeline: str | Path | Language,
    device: str | None,
) -> Generator[Tables, None, None]:
    chunks = frames.open_table(table, columns)
    nlp = _pipeline(pipeline, device)
    return _annotated(chunks, columns, nlp, cross_references(nlp, xrefs))


def _annotated(
    chunks: "Chunks", columns: InputColumns, nlp: Language, xrefs: CrossReferences | None
) -> Generator[Tables, None, None]:
    def read(on_error: OnError) -> Iterator[Document]:
        return frames.read(chunks, titled=bool(columns.title), on_error=on_error)

    rows = records(read, source=frames.SOURCE)
    batches = annotated(
        rows,
        nlp,
        source=frames.SOURCE,
        kb_names=kb_names(nlp),
        keep=columns.keep,
        xrefs=xrefs,
    )
    # Who stops half way through the tables must not leave the threads of the lanes at work.
    with closing(batches):
        for batch in batches:
            yield Tables(**batch.tables)


def _pipeline(pipeline: str | Path | Language, device: str | None) -> Language:
    if isinstance(pipeline, Language):
        if device is not None:
            raise ConfigError(
                f"The device '{device}' is for a pipeline given by name; load this one with "
                "biopipe.load(device=...)."
            )
        return pipeline
    with _LOADING:
        # With the state of a file: a configuration that was edited since is loaded again.
        return _load(str(pipeline), device, input_state(Path(pipeline)))


@lru_cache(maxsize=_LOADED)
def _load(name: str, device: str | None, _state: tuple[int, int]) -> Language:
    return load(name, device=device)
