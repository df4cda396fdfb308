"""Which kind of document a JSON value is: BioC, Label Studio, Web Annotation, or a record."""

from collections import Counter
from typing import Any

from biopipe.document import Document
from biopipe.io.codecs import bioc, label_studio, web_annotation
from biopipe.io.input_columns import InputColumns
from biopipe.io.records import document_from_record
from biopipe.io.rows import OnPartError

__all__ = ["document_from_json"]

_USUAL = InputColumns()


def document_from_json(
    record: Any,
    on_part_error: OnPartError,
    left_out: Counter[str],
    *,
    columns: InputColumns = _USUAL,
    key: str = "",
    gold: bool = False,
) -> Document:
    """The Document of one JSON value; `left_out` counts what its format has and a Document has not,
    and with `gold` a task of Label Studio that nobody annotated is a BadRecord."""
    if isinstance(record, web_annotation.AnnotatedSource):
        return web_annotation.document_from_source(record, on_part_error)
    if bioc.is_bioc_document(record):
        return bioc.document_from_bioc(record, on_part_error)
    if label_studio.is_task(record):
        return label_studio.document_from_task(
            record,
            on_part_error,
            left_out,
            text_column=columns.text,
            id_column=columns.id,
            gold=gold,
        )
    return document_from_record(record, on_part_error, columns=columns, key=key)
