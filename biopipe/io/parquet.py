"""Parquet: one Document a row, read batch by batch.

Text is decoded row by row, for Parquet can carry bytes that are not UTF-8, such as lone surrogates.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from biopipe.errors import InputError
from biopipe.io.records import document_id, meta_of, parts_of, to_record
from biopipe.io.rows import BadRecord, Complain, OnError, RowError, documents, report
from biopipe.io.streams import BrokenFile, decode, replacing
from biopipe.types import Document

__all__ = ["SCHEMA", "read", "row_groups", "write"]

# ValueError: names in a damaged footer that are not UTF-8.
_DAMAGE = (pa.ArrowException, OSError, ValueError)
_BATCH_ROWS = 64
_WRITTEN_ROWS = 1000
_TEXT_TYPES = frozenset(
    {"string", "large_string", "string_view", "binary", "large_binary", "binary_view", "null"}
)
_META = ("date", "journal", "doi", "pmc", "title")
_OWN_LISTS = {
    "mentions": "label",
    "relations": "head",
    "passages": "type",
    "abbreviations": "long_start",
}

_SPAN = [("start", pa.int64()), ("end", pa.int64())]
_CANDIDATE = [("concept_id", pa.string()), ("name", pa.string()), ("score", pa.float64())]
_MENTION = [
    *_SPAN,
    ("label", pa.string()),
    ("score", pa.float64()),
    ("concept_ids", pa.list_(pa.string())),
    ("candidates", pa.list_(pa.struct(_CANDIDATE))),
    ("assertion", pa.list_(pa.string())),
    ("source", pa.string()),
]
_RELATION = [
    ("head", pa.string()),
    ("tail", pa.string()),
    ("label", pa.string()),
    ("score", pa.float64()),
    ("novel", pa.bool_()),
    ("novel_score", pa.float64()),
    ("evidence", pa.list_(pa.struct(_SPAN))),
    ("assertion", pa.list_(pa.string())),
]
_ABBREVIATION = [*_SPAN, ("long_start", pa.int64()), ("long_end", pa.int64())]
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("text", pa.string()),
        ("mentions", pa.list_(pa.struct(_MENTION))),
        ("relations", pa.list_(pa.struct(_RELATION))),
        ("passages", pa.list_(pa.struct([("type", pa.string()), *_SPAN]))),
        ("abbreviations", pa.list_(pa.struct(_ABBREVIATION))),
        ("meta", pa.map_(pa.string(), pa.string())),
    ]
)
"""The columns that `write` writes: every field of a Document."""


def read(
    path: Path,
    *,
    text_column: str = "text",
    id_column: str = "id",
    row_group: int | None = None,
    on_error: OnError | None = None,
) -> Iterator[Document]:
    """Documents of a Parquet file, or of one of its row groups.

    Columns date, journal, doi, pmc and title go to meta; columns as `write` writes them are read back.
    InputError when a column is missing or is not text. A damaged row group is one error; then comes the next.
    """
    try:
        file = pq.ParquetFile(_existing(path))
        schema = file.schema_arrow
    except _DAMAGE as error:
        why = f"the file is not a readable Parquet file ({_first_line(error)})"
        return report(RowError(str(path), 0, "", why), on_error)
    with file:
        columns = _columns(path, schema, text_column, id_column)
        for group in range(file.num_row_groups) if row_group is None else [row_group]:
            first_row = sum(file.metadata.row_group(before).num_rows for before in range(group))
            rows = _rows(file, group, first_row, columns)
            yield from documents(str(path), rows, _document, on_error, first_row=first_row)


def write(documents: Iterable[Document], path: Path) -> int:
    """Write every field of the documents and return their number; a row group holds 1,000."""
    count = 0
    rest = iter(documents)
    with replacing(path) as stream, pq.ParquetWriter(stream, SCHEMA) as writer:
        while batch := list(islice(rest, _WRITTEN_ROWS)):
            writer.write_table(pa.Table.from_pylist([_row(document) for document in batch], schema=SCHEMA))
            count += len(batch)
    return count


def row_groups(path: Path) -> int:
    """How many row groups a file has; BrokenFile when it is not a readable Parquet file."""
    try:
        with pq.ParquetFile(_existing(path)) as file:
            return int(file.num_row_groups)
    except _DAMAGE as error:
        raise BrokenFile(_first_line(error)) from error


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise InputError(f"The input file {path} does not exist; give the path of a Parquet file.")
    return path


def _columns(path: Path, schema: pa.Schema, text_column: str, id_column: str) -> dict[str, str]:
    """What each column that is read is used as; keys are column names."""
    for use, column in (("text", text_column), ("id", id_column)):
        if column not in schema.names:
            raise InputError(
                f"{path} has no column '{column}' for the {use}; its columns are: {', '.join(schema.names)}."
            )
        kind = schema.field(column).type
        if not _is_text(kind) and not (use == "id" and pa.types.is_integer(_value_type(kind))):
            there = ", ".join(field.name for field in schema if _is_text(field.type)) or "none"
            raise InputError(
                f"The {use} column '{column}' of {path} is {kind}, not text; its text columns are: {there}."
            )
    columns = {field.name: field.name for field in schema if _is_known(field)}
    return columns | {id_column: "id", text_column: "text"}


def _is_known(field: pa.Field) -> bool:
    kind = field.type
    if field.name in _META:
        return _is_text(kind) or bool(pa.types.is_integer(kind) or pa.types.is_temporal(kind))
    if field.name == "meta":
        return bool(pa.types.is_map(kind))
    if field.name not in _OWN_LISTS or not (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        return False
    item = kind.value_type
    return bool(pa.types.is_struct(item) and item.get_field_index(_OWN_LISTS[field.name]) >= 0)


def _value_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_text(kind: pa.DataType) -> bool:
    return str(_value_type(kind)) in _TEXT_TYPES


def _rows(
    file: pq.ParquetFile, group: int, first_row: int, columns: dict[str, str]
) -> Iterator[dict[str, Any]]:
    done = 0
    try:
        batches = file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=list(columns))
        for batch in batches:
            values = {use: _values(batch.column(name)) for name, use in columns.items()}
            for number in range(batch.num_rows):
                done += 1
                yield {use: column[number] for use, column in values.items()}
    except _DAMAGE as error:
        last = first_row + file.metadata.row_group(group).num_rows - 1
        why = f"rows {first_row + done} to {last} cannot be read ({_first_line(error)})"
        raise BrokenFile(why) from error


def _values(column: pa.Array) -> Any:
    """Bytes for text, ISO text for dates, plain values for integers, Arrow scalars for the rest."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if _is_text(column.type):
        return column.cast(pa.large_binary()).to_pylist()
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        days = column.cast(pa.date32(), safe=False).to_pylist()
        return [None if day is None else day.isoformat() for day in days]
    return column.to_pylist() if pa.types.is_integer(column.type) else column


def _document(row: Mapping[str, Any], complain: Complain) -> Document:
    identifier = document_id(_plain(row["id"], "", "the id"))
    record = {use: _plain(value, identifier, use) for use, value in row.items()}
    text = record["text"]
    if text is None:
        raise BadRecord("text is null", identifier)
    meta = meta_of(record)
    if record.get("title"):
        meta.setdefault("title", record["title"])
    parts = parts_of(record, len(text), lambda error: complain(identifier, error))
    return Document(identifier, text, meta=meta, **parts)


def _plain(value: Any, identifier: str, name: str) -> Any:
    try:
        if isinstance(value, pa.MapScalar):
            return dict(value.as_py() or ())
        if isinstance(value, pa.Scalar):
            return value.as_py()
        return decode(value, name) if isinstance(value, bytes) else value
    except ValueError as error:
        raise BadRecord(str(error), identifier) from error


def _row(document: Document) -> dict[str, Any]:
    record = to_record(document)
    return record | {"meta": list(document.meta.items())}


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
