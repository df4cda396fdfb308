"""Documents as pandas and polars frames, with the columns of `biopipe run`."""

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

import pyarrow as pa
from spacy.tokens import Doc

from biopipe.bulk.in_memory import Tables
from biopipe.bulk.tables import Origin, document_tables
from biopipe.components.document import to_document
from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.extras import require

__all__ = ["FrameTable", "to_frame"]

FrameTable: TypeAlias = Literal["documents", "mentions", "relations", "errors"]

_TABLES = ("mentions", "relations", "documents")
_LIBRARIES = ("pandas", "polars")


def to_frame(source: Any, table: FrameTable = "mentions", *, library: str = "pandas") -> Any:
    """A table of documents as a pandas DataFrame, or a polars one.

    `source` is a spaCy Doc, a Document, an iterable of these, or what `annotate_table` gave.
    `table` is "mentions", "relations" or "documents", of `annotate_table` also "errors"; the
    columns are those of `biopipe run`, where `row` counts the documents of `source` from 0.
    ExtraMissing where the library is not installed. ConfigError for another table or library.

        frame = biopipe.to_frame(nlp.pipe(texts))
        frame[frame.label == "Disease"].concept_id.value_counts()
    """
    if library not in _LIBRARIES:
        raise ConfigError(f"There is no library '{library}' of frames; give pandas or polars.")
    rows = _rows(source, table)
    if library == "polars":
        return require("polars", "frames").from_arrow(rows)
    require("pandas", "frames")
    # pandas alone knows `to_pandas`; that it is there has been checked in our own words.
    return rows.to_pandas()


def _rows(source: Any, table: str) -> pa.Table:
    if isinstance(source, Tables):
        if not hasattr(source, table):
            raise _no_table(table, (*_TABLES, "errors"))
        rows: pa.Table = getattr(source, table)
        return rows
    if table not in _TABLES:
        raise _no_table(table, _TABLES)
    documents = _documents(source)
    tables = document_tables(documents, {}, origin=Origin("", range(len(documents))))
    return tables[table].drop_columns(["input"])


def _no_table(table: str, names: Iterable[str]) -> ConfigError:
    return ConfigError(f"There is no table '{table}'; give one of: {', '.join(names)}.")


def _documents(source: Any) -> list[Document]:
    items = [source] if isinstance(source, Doc | Document) else source
    if isinstance(items, str | bytes) or not isinstance(items, Iterable):
        raise ConfigError(
            f"A {type(source).__name__} is no document; give a Doc, a Document, or several."
        )
    documents = []
    for item in items:
        if not isinstance(item, Doc | Document):
            raise ConfigError(
                f"A {type(item).__name__} is no document; give Docs of nlp or Documents."
            )
        documents.append(item if isinstance(item, Document) else to_document(item))
    return documents
