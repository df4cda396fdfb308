"""`doc._.mentions`, `doc._.relations` and `span._.kb_ents`: getters over `doc.user_data`, nothing
stored.
"""

from collections.abc import Mapping
from typing import Any

from spacy.tokens import Doc, Span

from biopipe.components.alignment import align
from biopipe.components.carried import carried_document
from biopipe.document import Abbreviation, Document, Mention, Relation
from biopipe.document.plain import KEY, from_record

__all__ = ["install_extensions"]


def install_extensions() -> None:
    """Define the extensions, once a process; one that another package defined first stays."""
    if not Doc.has_extension("mentions"):
        Doc.set_extension("mentions", getter=_mentions)
    if not Doc.has_extension("relations"):
        Doc.set_extension("relations", getter=_relations)
    if not Doc.has_extension("abbreviations"):
        Doc.set_extension("abbreviations", getter=_abbreviations)
    if not Span.has_extension("kb_ents"):
        Span.set_extension("kb_ents", getter=_kb_ents)


def _mentions(doc: Doc) -> tuple[Mention, ...]:
    return _document(doc).mentions


def _relations(doc: Doc) -> tuple[Relation, ...]:
    return _document(doc).relations


def _abbreviations(doc: Doc) -> tuple[Abbreviation, ...]:
    return _document(doc).abbreviations or ()


def _document(doc: Doc) -> Document:
    document = carried_document(doc)
    return from_record(doc.user_data.get(KEY, {}), doc.text) if document is None else document


def _kb_ents(span: Span) -> list[tuple[str, float]]:
    """Candidates `(concept id, score)` of the mention with the tokens, label and concept of the
    span.
    """
    rows = [
        row for row in span.doc.user_data.get(KEY, {}).get("mentions", ()) if _is_mention(span, row)
    ]
    if not rows:
        return []
    row = next((row for row in rows if span.kb_id_ in row["concept_ids"]), rows[0])
    return [(concept_id, score) for concept_id, _, score in row["candidates"]]


def _is_mention(span: Span, row: Mapping[str, Any]) -> bool:
    if row["end"] <= span.start_char or row["start"] >= span.end_char:
        return False
    if span.label_ and row["label"] != span.label_:
        return False
    tokens = align(span.doc, row["start"], row["end"])
    return (tokens.start, tokens.end) == (span.start, span.end)
