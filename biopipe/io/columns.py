"""Columns of Arrow record batches to Documents, one a row.

Text is decoded row by row where a column holds bytes that are not UTF-8, such as lone surrogates:
Parquet and other programs can carry them.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import pyarrow as pa

from biopipe.document import Document
from biopipe.document.fields import DOCUMENT_FIELDS, Field, Kind
from biopipe.errors import InputError
from biopipe.io.records import checked_id, checked_text, read_meta, read_parts
from biopipe.io.rows import BadRecord, OnPartError, valid_text
from biopipe.io.streams import decode_utf8

__all__ = [
    "META_COLUMNS",
    "Row",
    "column_uses",
    "column_values",
    "document_from_row",
    "iterate_rows",
]

Row = Mapping[str, Any]

_TEXT_TYPES = frozenset(
    {"string", "large_string", "string_view", "binary", "large_binary", "binary_view", "null"}
)
META_COLUMNS = ("date", "journal", "doi", "pmc", "title")
"""Columns that go to `Document.meta`."""

_OWN_COLUMNS = {field.name: field for field in DOCUMENT_FIELDS.fields}


def column_uses(schema: pa.Schema, *, text: str, id: str, source: str) -> dict[str, str]:
    """What each column that is read is used as, by its name: text, id, a name of META_COLUMNS, or
    a field of a Document.

    InputError when the column of the text or of the id is missing, is there twice, or is not text.
    """
    if text == id:
        raise InputError(
            f"The column '{text}' cannot be both the text and the id; name two columns."
        )
    for use, column in (("text", text), ("id", id)):
        _check(schema, use, column, source)
    others = {
        column.name: column.name
        for column in schema
        if column.name not in ("id", "text") and _is_read(column) and _once(schema, column.name)
    }
    return others | {id: "id", text: "text"}


def _check(schema: pa.Schema, use: str, column: str, source: str) -> None:
    if column not in schema.names:
        near = get_close_matches(column, schema.names, n=3) or [
            name for name in schema.names if name.lower() == column.lower()
        ]
        hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        names = ", ".join(schema.names)
        raise InputError(
            f"{_at_start(source)} has no column '{column}' for the {use}; "
            f"its columns are: {names}.{hint}"
        )
    if not _once(schema, column):
        raise InputError(
            f"{_at_start(source)} has two columns '{column}'; rename the one that is not the {use}."
        )
    kind = schema.field(column).type
    if not _is_text(kind) and not (use == "id" and pa.types.is_integer(_value_type(kind))):
        names = ", ".join(field.name for field in schema if _is_text(field.type)) or "none"
        raise InputError(
            f"The {use} column '{column}' of {source} is {kind}, not text; "
            f"its text columns are: {names}."
        )


def _at_start(source: str) -> str:
    return f"T{source[1:]}" if source.startswith("the ") else source


def _once(schema: pa.Schema, column: str) -> bool:
    return len(schema.get_all_field_indices(column)) == 1


def _is_read(column: pa.Field) -> bool:
    """Whether a column is metadata, or by name and type one that biopipe writes itself."""
    if column.name in META_COLUMNS:
        kind = column.type
        return _is_text(kind) or bool(pa.types.is_integer(kind) or pa.types.is_temporal(kind))
    own = _OWN_COLUMNS.get(column.name)
    return own is not None and _is_own(own, column.type)


def _is_own(field: Field, kind: pa.DataType) -> bool:
    if field.kind is Kind.TEXT_MAP:
        return bool(pa.types.is_map(kind))
    if field.kind is Kind.INTEGER:
        return bool(pa.types.is_integer(kind))
    if field.table is None or not (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        return False
    # Many a table has columns of spans; what tells ours is the rest of a record.
    telling = {f.name for f in field.table.fields if f.required} - {"start", "end"}
    item = kind.value_type
    return bool(
        pa.types.is_struct(item) and any(item.get_field_index(name) >= 0 for name in telling)
    )


def _value_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_text(kind: pa.DataType) -> bool:
    return str(_value_type(kind)) in _TEXT_TYPES


def column_values(column: pa.Array) -> Sequence[Any]:
    """Text (bytes where it may not be UTF-8), ISO text for dates, whole numbers, Arrow scalars for
    the rest.
    """
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if _is_text(column.type):
        return _texts(column)
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        days = column.cast(pa.date32(), safe=False).to_pylist()
        return [None if day is None else day.isoformat() for day in days]
    values: Sequence[Any] = column.to_pylist() if pa.types.is_integer(column.type) else column
    return values


def _texts(column: pa.Array) -> Sequence[Any]:
    """Strings where all of them are valid, else bytes, of which those that are not can be told."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        column = column.cast(pa.large_binary())
    texts: list[str | bytes | None] = column.to_pylist()
    return texts


def iterate_rows(values: Mapping[str, Sequence[Any]]) -> Iterator[Row]:
    """One mapping a row from columns of equal length."""
    for row in zip(*values.values(), strict=True):
        yield dict(zip(values, row, strict=True))


def document_from_row(row: Row, on_part_error: OnPartError) -> Document:
    """The Document of a row of `column_values`, or of plain Python values; BadRecord where it
    cannot be one.
    """
    identifier = checked_id(_plain(row["id"], "", "the id"))
    text = checked_text(_plain(row["text"], identifier, "text"), identifier, "text")
    if len(row) == 2:
        return Document(identifier, text)
    record = {
        use: _plain(value, identifier, use)
        for use, value in row.items()
        if use not in ("id", "text")
    }
    meta = read_meta(record)
    if record.get("title"):
        meta.setdefault("title", record["title"])
    parts = read_parts(record, len(text), lambda error: on_part_error(identifier, error))
    return Document(identifier, text, meta=meta, **parts)


def _plain(value: Any, identifier: str, name: str) -> Any:
    try:
        if isinstance(value, bytes):
            return decode_utf8(value, name)
        if isinstance(value, str):
            # The id and the text are checked where they become a Document.
            return value if name in ("the id", "text") else valid_text(value, name, identifier)
        if isinstance(value, pa.MapScalar):
            return dict(value.as_py() or ())
        return value.as_py() if isinstance(value, pa.Scalar) else value
    except BadRecord:
        raise
    except ValueError as error:
        raise BadRecord(str(error), identifier) from error
