"""`doc.user_data["biopipe"]` that also keeps the Document it was written from.

Reading that back spares every component the decoding of the plain data, and it carries what plain data
cannot hold: the encoder states that one model leaves for the next. DocBin, pickle and `to_bytes` see an
ordinary dict and take the plain data alone.
"""

from collections.abc import Mapping
from typing import Any

from spacy.tokens import Doc

from biopipe.document import Document
from biopipe.document.plain import KEY

__all__ = ["AnnotationRecord", "carried_document", "carry_document"]

_LISTS = ("mentions", "relations", "passages", "abbreviations", "meta")


class AnnotationRecord(dict[str, Any]):
    """The plain data of a document, and the document."""

    __slots__ = ("document", "lengths")

    def __init__(self, record: Mapping[str, Any], document: Document) -> None:
        super().__init__(record)
        self.document = document
        self.lengths = _lengths(record)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


def carry_document(doc: Doc, document: Document) -> None:
    """Keep `document`, which `annotate_doc` has just written on `doc`, for the next component."""
    doc.user_data[KEY] = AnnotationRecord(doc.user_data[KEY], document)


def carried_document(doc: Doc) -> Document | None:
    """The document that `doc.user_data` was written from; None where somebody else wrote or changed it."""
    record = doc.user_data.get(KEY)
    if not isinstance(record, AnnotationRecord) or record.lengths != _lengths(record):
        return None
    return record.document if len(record.document.text) == len(doc.text) else None


def _lengths(record: Mapping[str, Any]) -> tuple[int, ...]:
    """Lengths of the lists that somebody may have added to or taken from."""
    return tuple(len(record.get(name) or ()) for name in _LISTS)
