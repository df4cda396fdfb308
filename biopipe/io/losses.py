"""What a format cannot hold of a document, counted, so that nothing is left out in silence."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from biopipe.document import Document
from biopipe.document.fields import (
    DOCUMENT_FIELDS,
    MENTION_FIELDS,
    RELATION_FIELDS,
    Field,
    FieldTable,
)

__all__ = ["EVERYTHING", "HeldFields", "Losses", "count_losses", "watched_documents"]

_MENTION_WORDS = {
    "score": "scores of mentions",
    "concept_ids": "concept ids of mentions",
    "candidates": "candidates of mentions",
    "assertion": "assertions of mentions",
    "sources": "sources of mentions",
    "dictionary": "dictionaries of mentions",
    "section": "sections of mentions",
    "long_form": "long forms of mentions",
}
_ENDS = "labels and names of the ends of relations"
_RELATION_WORDS = {
    "score": "scores of relations",
    "novel": "novelties of relations",
    "novel_score": "scores of novelties",
    "evidence": "evidence spans of relations",
    "assertion": "assertions of relations",
    "head_label": _ENDS,
    "tail_label": _ENDS,
    "head_name": _ENDS,
    "tail_name": _ENDS,
    "subject": "directions of relations",
    "subject_score": "scores of directions",
}
_DOCUMENT_WORDS = {"meta": "meta entries"}
# How a run went, and nothing that a text says.
_ACCOUNTS = frozenset({"id", "text", "windows", "pairs_left_out"})


def _names(table: FieldTable[Any]) -> frozenset[str]:
    return frozenset(field.name for field in table.fields)


@dataclass(frozen=True, slots=True)
class HeldFields:
    """The stored fields of documents, mentions and relations that a format holds."""

    document: frozenset[str] = frozenset({"id", "text"})
    mention: frozenset[str] = frozenset()
    relation: frozenset[str] = frozenset()

    @classmethod
    def of(cls, document: str, mention: str = "", relation: str = "") -> "HeldFields":
        """Names of fields, between blanks."""
        return cls(*(frozenset(names.split()) for names in (document, mention, relation)))


EVERYTHING = HeldFields(_names(DOCUMENT_FIELDS), _names(MENTION_FIELDS), _names(RELATION_FIELDS))
"""Every stored field."""


class Losses:
    """How many things of each kind a writer left out."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, what: str, count: int = 1) -> None:
        """`what` is a plural: "candidates of mentions"."""
        if count:
            self.counts[what] += count

    def __bool__(self) -> bool:
        return bool(self.counts)

    def __str__(self) -> str:
        return ", ".join(f"{count:,} {what}" for what, count in self.counts.most_common())


def watched_documents(
    documents: Iterable[Document], held: HeldFields, losses: Losses
) -> Iterator[Document]:
    """The documents as they are; what a format that holds `held` leaves out of them is counted."""
    for document in documents:
        count_losses(document, held, losses)
        yield document


def count_losses(document: Document, held: HeldFields, losses: Losses) -> None:
    """Count the values of the fields that are not held, where they are not the default."""
    for field, value in _lost(document, DOCUMENT_FIELDS.fields, held.document):
        if field.name not in _ACCOUNTS:
            losses.add(_DOCUMENT_WORDS.get(field.name, field.name), _size(value))
    if "mentions" in held.document:
        _count_parts(document.mentions, MENTION_FIELDS, held.mention, _MENTION_WORDS, losses)
    if "relations" in held.document:
        _count_parts(document.relations, RELATION_FIELDS, held.relation, _RELATION_WORDS, losses)


def _count_parts(
    records: Iterable[Any],
    table: FieldTable[Any],
    held: frozenset[str],
    words: Mapping[str, str],
    losses: Losses,
) -> None:
    for record in records:
        counts: dict[str, int] = {}
        for field, value in _lost(record, table.fields, held):
            # The four of the ends of a relation are one thing that is left out.
            counts[words.get(field.name, field.name)] = _size(value)
        for what, count in counts.items():
            losses.add(what, count)


def _lost(
    record: Any, fields: Iterable[Field], held: frozenset[str]
) -> Iterator[tuple[Field, Any]]:
    for field in fields:
        if field.name not in held:
            value = getattr(record, field.name)
            # A value at its default is no loss: the reader gives it again.
            if value is not None and value != field.default:
                yield field, value


def _size(value: Any) -> int:
    return len(value) if isinstance(value, tuple | frozenset | Mapping) else 1
