"""`doc.user_data["biopipe"]` that also keeps the Document it was written from.

Reading that back spares every component the decoding of the plain data, and it carries what plain
data cannot hold: the encoder states that one model leaves for the next. What has not changed since
the last component is not written again. DocBin, pickle and `to_bytes` see an ordinary dict and take
the plain data alone.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from spacy.tokens import Doc

from biopipe.document import Document
from biopipe.document.fields import MENTION_FIELDS, RELATION_FIELDS, FieldTable
from biopipe.document.mapping import encode_record
from biopipe.document.plain import KEY, to_user_data

__all__ = ["AnnotationRecord", "carried_record", "make_record"]

# Those that are worth the look for what has not changed.
_LONG_FIELDS: Mapping[str, FieldTable[Any]] = {
    "mentions": MENTION_FIELDS,
    "relations": RELATION_FIELDS,
}
_LISTS = (
    "mentions",
    "relations",
    "passages",
    "sections",
    "abbreviations",
    "medications",
    "measurements",
    "times",
    "meta",
)


class AnnotationRecord(dict[str, Any]):
    """The plain data of a document, and the document."""

    __slots__ = ("document", "lengths")

    def __init__(self, stored: Mapping[str, Any], document: Document) -> None:
        super().__init__(stored)
        self.document = document
        self.lengths = _lengths(stored)

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled it is the plain dict: what it carries beside that holds arrays of encoder states.
        return dict, (dict(self),)


def carried_record(doc: Doc) -> AnnotationRecord | None:
    """The record with its document; None where somebody else wrote or changed `doc.user_data`."""
    record = doc.user_data.get(KEY)
    # Users may edit user_data by hand; then what they wrote counts, not the document kept.
    if not isinstance(record, AnnotationRecord) or record.lengths != _lengths(record):
        return None
    return record if len(record.document.text) == _text_length(doc) else None


def make_record(document: Document, before: AnnotationRecord | None = None) -> dict[str, Any]:
    """What `to_user_data` makes of a document, with the mentions and relations that are also in the
    document of `before` taken from there.
    """
    if before is None:
        return to_user_data(document)
    stored = to_user_data(replace(document, mentions=(), relations=()))
    for name, table in _LONG_FIELDS.items():
        records = getattr(document, name)
        # By identity: a predictor that does not touch a mention passes the very same object on.
        ids = map(id, getattr(before.document, name))
        written = dict(zip(ids, before.get(name, ()), strict=False))
        rows = [written.get(id(record)) or encode_record(table, record) for record in records]
        if rows or name == "mentions":
            stored[name] = rows
    return stored


def _lengths(stored: Mapping[str, Any]) -> tuple[int, ...]:
    """Lengths of the lists that somebody may have added to or taken from."""
    return tuple(len(stored.get(name) or ()) for name in _LISTS)


def _text_length(doc: Doc) -> int:
    """`len(doc.text)`, which would put the text together from its tokens."""
    if not len(doc):
        return 0
    last = doc[len(doc) - 1]
    return last.idx + len(last.text_with_ws)
