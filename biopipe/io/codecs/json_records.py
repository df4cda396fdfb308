"""A JSON file: records by id, a list of records, one record, a BioC collection, tasks of Label
Studio, or a page of Web Annotations; read whole.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from biopipe.document import Document
from biopipe.io.codecs import bioc, label_studio, web_annotation
from biopipe.io.codecs.json_shapes import document_from_json
from biopipe.io.input_columns import InputColumns, nested_value
from biopipe.io.rows import (
    OnError,
    OnPartError,
    RowError,
    build_documents,
    report_error,
    report_left_out,
)
from biopipe.io.streams import BROKEN, decode_utf8, open_binary, parse_json, why_broken

__all__ = ["read"]

_USUAL = InputColumns()

# Python takes some ten times as much for what it makes of it. A compressed file may hold any number.
_MAX_BYTES = 1 << 30


def read(
    path: Path,
    *,
    columns: InputColumns = _USUAL,
    on_error: OnError | None = None,
    gold: bool = False,
) -> Iterator[Document]:
    """Documents of a JSON file (also gzip) in the shapes that biopipe.io.codecs.json_shapes knows.

    With `gold`, a task of Label Studio that nobody annotated is an error.
    """
    left_out: Counter[str] = Counter()

    def build(item: tuple[str, Any], on_part_error: OnPartError) -> Document:
        key, record = item
        return document_from_json(
            record, on_part_error, left_out, columns=columns, key=key, gold=gold
        )

    try:
        records = _keyed(_loaded(path), columns.text)
    except (*BROKEN, ValueError, RecursionError) as error:
        report_error(RowError(str(path), 0, "", _why(error)), on_error)
        return
    yield from build_documents(
        str(path), iter(records), build, on_error, nothing="the file holds no record"
    )
    report_left_out(str(path), left_out, on_error)


def _loaded(path: Path) -> Any:
    with open_binary(path) as stream:
        # One more than allowed, to tell a file that ends there from one that goes on.
        raw = stream.read(_MAX_BYTES + 1)
    if len(raw) > _MAX_BYTES:
        raise ValueError(
            f"the file holds more than {_MAX_BYTES:,} bytes, and JSON is read whole; write it as "
            "JSON lines"
        )
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if not raw.strip():
        raise ValueError("the file is empty")
    return parse_json(decode_utf8(raw, "the file"))


def _keyed(data: Any, text_column: str) -> list[tuple[str, Any]]:
    """(id of last resort, record) pairs."""
    if (sources := web_annotation.annotated_sources(data)) is not None:
        return [("", source) for source in sources]
    if (collection := bioc.bioc_documents(data)) is not None:
        data = collection
    if label_studio.is_task(data):
        return [("", data)]
    if isinstance(data, list):
        return [("", record) for record in data]
    if not isinstance(data, Mapping):
        raise ValueError(
            "the file is JSON, but neither a list of records nor an object with records by id"
        )
    # An object with a text is one record; one of objects without, records by id.
    if nested_value(data, text_column)[0] or not any(
        isinstance(value, Mapping) for value in data.values()
    ):
        return [("", data)] if data else []
    return list(data.items())


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"the file is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
    if isinstance(error, RecursionError):
        return "the file is nested too deeply to be read"
    return why_broken(error) if isinstance(error, BROKEN) else str(error)
