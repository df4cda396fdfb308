"""A JSON file: records by id, a list of records, one record, or a BioC collection; read whole."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from biopipe.document import Document
from biopipe.io import bioc
from biopipe.io.records import document_from_record
from biopipe.io.rows import OnError, OnPartError, RowError, build_documents, report_error
from biopipe.io.streams import BROKEN, decode_utf8, open_binary, why_broken

__all__ = ["read"]


def read(
    path: Path, *, text_column: str = "text", id_column: str = "id", on_error: OnError | None = None
) -> Iterator[Document]:
    """Documents of a JSON file (also gzip) in the shapes that biopipe.io.records knows."""

    def build(item: tuple[str, Any], on_part_error: OnPartError) -> Document:
        key, record = item
        if bioc.is_bioc_document(record):
            return bioc.document_from_bioc(record, on_part_error)
        return document_from_record(
            record, on_part_error, text_column=text_column, id_column=id_column, key=key
        )

    try:
        records = _keyed(_loaded(path), text_column)
    except (*BROKEN, ValueError, RecursionError) as error:
        report_error(RowError(str(path), 0, "", _why(error)), on_error)
        return
    yield from build_documents(
        str(path), iter(records), build, on_error, nothing="the file holds no record"
    )


def _loaded(path: Path) -> Any:
    with open_binary(path) as stream:
        raw = stream.read().removeprefix(b"\xef\xbb\xbf")
    if not raw.strip():
        raise ValueError("the file is empty")
    return json.loads(decode_utf8(raw, "the file"))


def _keyed(data: Any, text_column: str) -> list[tuple[str, Any]]:
    """(id of last resort, record) pairs."""
    if (collection := bioc.bioc_documents(data)) is not None:
        data = collection
    if isinstance(data, list):
        return [("", record) for record in data]
    if not isinstance(data, Mapping):
        raise ValueError(
            "the file is JSON, but neither a list of records nor an object with records by id"
        )
    if text_column in data or not any(isinstance(value, Mapping) for value in data.values()):
        return [("", data)] if data else []
    return list(data.items())


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"the file is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
    if isinstance(error, RecursionError):
        return "the file is nested too deeply to be read"
    return why_broken(error) if isinstance(error, BROKEN) else str(error)
