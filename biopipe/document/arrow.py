"""The Arrow types of stored fields, and documents as rows of an Arrow table.

Kept apart from `biopipe.document.fields`, so that importing biopipe does not import pyarrow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from biopipe.document.fields import DOCUMENT_FIELDS, Field, FieldTable, Kind
from biopipe.document.mapping import encode_record
from biopipe.document.types import Document

__all__ = ["EXACT", "NARROW", "Widths", "arrow_schema", "arrow_type", "document_rows"]


@dataclass(frozen=True, slots=True)
class Widths:
    """The Arrow types of whole numbers and of scores."""

    integer: pa.DataType
    score: pa.DataType


EXACT = Widths(pa.int64(), pa.float64())
"""Documents that come back as they were written: a Python float has 64 bits."""

NARROW = Widths(pa.int32(), pa.float32())
"""Output tables of many documents: half the bytes, and no text has 2**31 characters."""


def arrow_type(field: Field, widths: Widths = EXACT) -> pa.DataType:
    """The type of a column of this field."""
    if field.table is not None:
        return pa.list_(pa.struct(_arrow_fields(field.table, widths)))
    span = [pa.field("start", widths.integer), pa.field("end", widths.integer)]
    types: Mapping[Kind | None, pa.DataType] = {
        Kind.TEXT: pa.string(),
        Kind.INTEGER: widths.integer,
        Kind.SCORE: widths.score,
        # In output tables too: an amount of 0.1 must not come back as 0.10000000149.
        Kind.NUMBER: pa.float64(),
        Kind.FLAG: pa.bool_(),
        Kind.TEXTS: pa.list_(pa.string()),
        Kind.LABELS: pa.list_(pa.string()),
        Kind.SPANS: pa.list_(pa.struct(span)),
        Kind.TEXT_MAP: pa.map_(pa.string(), pa.string()),
    }
    return types[field.kind]


def arrow_schema(table: FieldTable[Any], widths: Widths = EXACT) -> pa.Schema:
    """One column a field, in the table's order."""
    return pa.schema(_arrow_fields(table, widths))


def document_rows(
    documents: Sequence[Document], table: FieldTable[Any] = DOCUMENT_FIELDS
) -> pa.Table:
    """One row a document with all of its stored fields; null for those that have their default."""
    rows = [encode_record(table, document) for document in documents]
    maps = [field.name for field in table.fields if field.kind is Kind.TEXT_MAP]
    for row in rows:
        # Arrow takes a map as pairs.
        row.update({name: list(row[name].items()) for name in maps if name in row})
    return pa.Table.from_pylist(rows, schema=arrow_schema(table))


def _arrow_fields(table: FieldTable[Any], widths: Widths) -> list[pa.Field]:
    return [pa.field(field.name, arrow_type(field, widths)) for field in table.fields]
