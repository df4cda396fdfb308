"""Annotate a table in memory, or a stream of tables, without files."""

import threading
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from spacy.language import Language

from biopipe.bulk.parts.batches import annotated, records
from biopipe.bulk.parts.part import input_state
from biopipe.bulk.parts.pipeline import kb_names
from biopipe.bulk.tables import SCHEMAS, TABLES
from biopipe.errors import ConfigError
from biopipe.io import frames
from biopipe.pipeline import load

if TYPE_CHECKING:
    from biopipe.io.frames import Chunks

__all__ = ["Tables", "annotate_batches", "annotate_table"]

_LOADED = 4
_LOADING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Tables:
    """What `biopipe run` writes, with the same columns; `row` of `errors` counts the rows given
    from 0.
    """

    documents: pa.Table
    mentions: pa.Table
    relations: pa.Table
    errors: pa.Table


def annotate_table(
    table: Any,
    *,
    text: str = "text",
    id: str = "id",
    pipeline: str | Path | Language = "default",
    device: str | None = None,
) -> Tables:
    """Annotate the column `text` of a table; the column `id` names the rows.

    `table` is a pandas or polars DataFrame, a pyarrow Table, RecordBatch or RecordBatchReader,
    whatever else has the Arrow PyCapsule interface, or an iterable of these. A row without text, or
    one that fails, is a row of `errors` and the others go on; rows that share an id all stay.
    Columns date, journal, doi, pmc and title are read as from Parquet. InputError when a column is
    missing or is not text.

    `pipeline` is a loaded one, or what `biopipe.load` takes: that is loaded once a process, on
    `device`.

    Each row's result is its own, whatever the batches, threads and other rows are: on CPU a window
    of text is run alone. Mentions are ordered by place and label, relations by score and then by
    the ids of head and tail, candidates by probability and then as the knowledge base has them. On
    a GPU windows run together, padded to the longest, which changes the last digits of scores, and
    with them what is equal.
    """
    parts = list(annotate_batches(table, text=text, id=id, pipeline=pipeline, device=device))
    return Tables(
        **{
            name: pa.concat_tables(
                [SCHEMAS[name].empty_table(), *(getattr(part, name) for part in parts)]
            ).combine_chunks()
            for name in TABLES
        }
    )


def annotate_batches(
    table: Any,
    *,
    text: str = "text",
    id: str = "id",
    pipeline: str | Path | Language = "default",
    device: str | None = None,
) -> Generator[Tables, None, None]:
    """As `annotate_table`, but the tables of some rows at a time, in order, while they are read.

    What is held in memory does not grow with the number of rows. Columns are checked before this
    returns.
    """
    chunks = frames.open_table(table, text=text, id=id)
    return _annotated(chunks, _pipeline(pipeline, device))


def _annotated(chunks: "Chunks", nlp: Language) -> Generator[Tables, None, None]:
    read = records(lambda on_error: frames.read(chunks, on_error=on_error), source=frames.SOURCE)
    with closing(annotated(read, nlp, source=frames.SOURCE, kb_names=kb_names(nlp))) as batches:
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
        return _load(str(pipeline), device, input_state(Path(pipeline)))


@lru_cache(maxsize=_LOADED)
def _load(name: str, device: str | None, _state: tuple[int, int]) -> Language:
    return load(name, device=device)
