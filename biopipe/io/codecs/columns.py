"""Columns of Arrow record batches to Documents, one a row.

Text is decoded row by row where a column holds bytes that are not UTF-8, such as lone surrogates:
Parquet and other programs can carry them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from biopipe.document import Document
from biopipe.document.fields import DOCUMENT_FIELDS, Field, Kind
from biopipe.errors import InputError
from biopipe.io.input_columns import InputColumns, kept_text
from biopipe.io.passages import Block, Section, assemble
from biopipe.io.records import checked_id, checked_text, read_meta, read_parts
from biopipe.io.rows import BadRecord, OnPartError, valid_text
from biopipe.io.streams import decode_utf8
from biopipe.language.spelling import nearest_words

__all__ = [
    "META_COLUMNS",
    "KeptColumn",
    "OddValue",
    "Row",
    "Use",
    "column_uses",
    "column_values",
    "document_from_row",
    "iterate_rows",
    "nested_column",
]


@dataclass(frozen=True, slots=True)
class KeptColumn:
    """What a column is used as that is kept under its own name."""

    name: str


Use = str | KeptColumn
Row = Mapping[Use, Any]

_FIRST_DAY = date(1970, 1, 1)

# A column that is empty throughout has the type null, and bytes may well be UTF-8.
_TEXT_TYPES = frozenset(
    {"string", "large_string", "string_view", "binary", "large_binary", "binary_view", "null"}
)
META_COLUMNS = ("date", "journal", "doi", "pmc", "title")
"""Columns that go to `Document.meta`."""

_OWN_COLUMNS = {field.name: field for field in DOCUMENT_FIELDS.fields}


def column_uses(schema: pa.Schema, columns: InputColumns, *, source: str) -> dict[Use, str]:
    """Which column each use has: text, id, title, a name of META_COLUMNS, a field of a Document, or
    a KeptColumn.

    InputError when a column that `columns` names is missing or is there twice, or when that of the
    text, the id or the title is of a type that it cannot be.
    """
    if columns.text == columns.id:
        raise InputError(
            f"The column '{columns.text}' cannot be both the text and the id; name two columns."
        )
    if columns.title in (columns.text, columns.id):
        raise InputError(
            f"The column '{columns.title}' of the title is also that of the text or the id; name "
            "another."
        )
    named: dict[Use, str] = {"text": columns.text, "id": columns.id}
    if columns.title:
        named["title"] = columns.title
    for use, column in named.items():
        _check(schema, str(use), column, source)
    kept: dict[Use, str] = {KeptColumn(name): name for name in columns.keep}
    for name in columns.keep:
        _check_there(schema, "column to keep", name, source)
    others: dict[Use, str] = {
        column.name: column.name
        for column in schema
        if column.name not in ("id", "text") and _is_read(column) and _once(schema, column.name)
    }
    # In this order, so that a column that is asked for by name wins over what its name would mean.
    return others | named | kept


def nested_column(batch: pa.RecordBatch, name: str) -> pa.Array:
    """The column of this name, or the field of a column of records that a name such as
    "meta.source" tells.
    """
    if name in batch.schema.names:
        return batch.column(name)
    outer, *inner = name.split(".")
    column = batch.column(outer)
    for field in inner:
        column = pc.struct_field(column, field)
    return column


def _field_at(schema: pa.Schema, name: str) -> pa.Field | None:
    if name in schema.names:
        return schema.field(name)
    outer, *inner = name.split(".")
    field = schema.field(outer) if outer in schema.names and _once(schema, outer) else None
    for part in inner:
        if field is None or not pa.types.is_struct(field.type):
            return None
        place = field.type.get_field_index(part)
        field = field.type.field(place) if place >= 0 else None
    return field


def _check_there(schema: pa.Schema, what: str, column: str, source: str) -> pa.Field:
    if column in schema.names and not _once(schema, column):
        raise InputError(
            f"{_at_start(source)} has two columns '{column}'; rename the one that is not the "
            f"{what}."
        )
    field = _field_at(schema, column)
    if field is None:
        names = _nested_names(schema)
        near = nearest_words(column, names) or [
            name for name in names if name.lower() == column.lower()
        ]
        hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise InputError(
            f"{_at_start(source)} has no column '{column}' for the {what}; "
            f"its columns are: {', '.join(names)}.{hint}"
        )
    return field


def _nested_names(schema: pa.Schema) -> list[str]:
    """The names of the columns, and after one of records those of its fields."""
    return [
        name
        for column in schema
        for name in (
            column.name,
            *(
                f"{column.name}.{field.name}"
                for field in (column.type if pa.types.is_struct(column.type) else ())
            ),
        )
    ]


def _check(schema: pa.Schema, use: str, column: str, source: str) -> None:
    kind = _check_there(schema, use, column, source).type
    if not _is_text(kind) and not (use == "id" and _is_number(_value_type(kind))):
        names = ", ".join(field.name for field in schema if _is_text(field.type)) or "none"
        raise InputError(
            f"The {use} column '{column}' of {source} is {kind}, not text; "
            f"its text columns are: {names}."
        )


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
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
        return _dates(column)
    values: Sequence[Any] = column.to_pylist() if pa.types.is_integer(column.type) else column
    return values


def _dates(column: pa.Array) -> Sequence[Any]:
    """ISO text; what is no date of the years 1 to 9999 stays a number of days, which no text is."""
    # Unsafe, as the time of a timestamp is to be cut off; dates beyond Python's would fail
    # otherwise.
    days = column.cast(pa.date32(), safe=False).cast(pa.int32()).to_pylist()
    return [None if day is None else _iso_day(day) for day in days]


def _iso_day(day: int) -> Any:
    try:
        return (_FIRST_DAY + timedelta(day)).isoformat()
    except OverflowError:
        return OddValue(f"it is day {day} since 1970, outside the years 1 to 9999")


def _texts(column: pa.Array) -> Sequence[Any]:
    """Strings where all of them are valid, else bytes, of which those that are not can be told."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        # One bad byte must not cost the other rows: as bytes each is decoded, and refused, by
        # itself.
        column = column.cast(pa.large_binary())
    texts: list[str | bytes | None] = column.to_pylist()
    return texts


def iterate_rows(values: Mapping[Use, Sequence[Any]]) -> Iterator[Row]:
    """One mapping a row from columns of equal length."""
    for row in zip(*values.values(), strict=True):
        yield dict(zip(values, row, strict=True))


def document_from_row(row: Row, on_part_error: OnPartError, *, titled: bool = False) -> Document:
    """The Document of a row of `column_values`, or of plain Python values; BadRecord where it
    cannot be one.

    `titled` puts the title before the text; annotations that the row holds are then left out, for
    their places are those of the text alone.
    """
    identifier = checked_id(_plain(row["id"], "", "the id"))
    text = checked_text(_plain(row["text"], identifier, "text"), identifier, "text")
    # Most tables have an id and a text and nothing else.
    if len(row) == 2:
        return Document(identifier, text)
    record, kept = _others(row, identifier, on_part_error)
    meta = read_meta(record)
    title = record.get("title")
    if title and isinstance(title, str):
        meta.setdefault("title", title)
    for name, value in kept.items():
        # What a user keeps does not replace what biopipe reads by the same name.
        meta.setdefault(name, value)
    if titled:
        heading = checked_text(title or "", identifier, "title")
        blocks = [Block(heading, (Section("title"),)), Block(text, (Section("abstract"),))]
        text, passages = assemble(blocks, " ")
        return Document(identifier, text, passages=passages, meta=meta)
    parts = read_parts(record, len(text), lambda error: on_part_error(identifier, error))
    return Document(identifier, text, meta=meta, **parts)


def _others(
    row: Row, identifier: str, on_part_error: OnPartError
) -> tuple[dict[str, Any], dict[str, str]]:
    """What a row holds beside its id and text, by use, and what of it is kept, as text."""
    record: dict[str, Any] = {}
    kept: dict[str, str] = {}
    for use, value in row.items():
        if use in ("id", "text"):
            continue
        name = use.name if isinstance(use, KeptColumn) else use
        try:
            plain = _plain(value, identifier, name)
            if not isinstance(use, KeptColumn):
                record[use] = plain
            elif (text := kept_text(plain)) is not None:
                kept[name] = text
        except (ArithmeticError, ValueError, TypeError) as error:
            on_part_error(identifier, f"the {name} is left out ({error})")
    return record, kept


@dataclass(frozen=True, slots=True)
class OddValue:
    """A value of a column that no Python value stands for, and what it is."""

    what: str


def _plain(value: Any, identifier: str, name: str) -> Any:
    try:
        if isinstance(value, OddValue):
            raise BadRecord(value.what, identifier)
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
