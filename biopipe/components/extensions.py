"""`doc._.mentions`, `span._.kb_ents` and their like: getters over `doc.user_data`, nothing stored.

A name that another package has defined stays theirs, with a warning that says what to use instead.
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from spacy.tokens import Doc, Span

from biopipe.components.alignment import align
from biopipe.components.carried import carried_record
from biopipe.document import (
    Abbreviation,
    Document,
    Measurement,
    Medication,
    Mention,
    NoteSection,
    Relation,
    TimeExpression,
)
from biopipe.document.labels import NEGATED
from biopipe.document.plain import KEY, from_user_data
from biopipe.document.sections import section_of

__all__ = ["ExtensionTakenWarning", "install_extensions"]

Getters = Mapping[str, Callable[[Any], Any]]


class ExtensionTakenWarning(UserWarning):
    """Another package has defined an extension attribute that is also one of biopipe's."""


def install_extensions() -> None:
    """Define the extensions where they are not; ExtensionTakenWarning for those of others."""
    for owner, getters in ((Doc, DOC_GETTERS), (Span, SPAN_GETTERS)):
        for name, getter in getters.items():
            if not owner.has_extension(name):
                owner.set_extension(name, getter=getter)
            # [2] is the getter; the same one is there when several pipelines are made in a process.
            elif owner.get_extension(name)[2] is not getter:
                _warn_taken(owner.__name__.lower(), name)


def _warn_taken(owner: str, name: str) -> None:
    # Python shows a warning of one text and place once, so the place is here and not the caller.
    warnings.warn(
        f"Another package has defined {owner}._.{name}, and biopipe leaves it alone; use "
        f"{INSTEAD[owner]} for biopipe's.",
        ExtensionTakenWarning,
        stacklevel=1,
    )


def _mentions(doc: Doc) -> tuple[Mention, ...]:
    return _document(doc).mentions


def _relations(doc: Doc) -> tuple[Relation, ...]:
    return _document(doc).relations


def _abbreviations(doc: Doc) -> tuple[Abbreviation, ...]:
    return _document(doc).abbreviations or ()


def _sections(doc: Doc) -> tuple[NoteSection, ...]:
    return _document(doc).sections or ()


def _medications(doc: Doc) -> tuple[Medication, ...]:
    return _document(doc).medications


def _measurements(doc: Doc) -> tuple[Measurement, ...]:
    return _document(doc).measurements


def _times(doc: Doc) -> tuple[TimeExpression, ...]:
    return _document(doc).times


def _document(doc: Doc) -> Document:
    record = carried_record(doc)
    return (
        from_user_data(doc.user_data.get(KEY, {}), doc.text) if record is None else record.document
    )


def _kb_ents(span: Span) -> list[tuple[str, float]]:
    """Candidates `(concept id, score)` of the span's mention."""
    mention = _mention_of(span)
    return [] if mention is None else [(c.concept_id, c.score) for c in mention.candidates]


def _score(span: Span) -> float | None:
    """Score of the span's mention; None where it is no mention."""
    mention = _mention_of(span)
    return None if mention is None else mention.score


def _negated(span: Span) -> bool:
    """Whether the text denies the span's mention."""
    mention = _mention_of(span)
    return mention is not None and NEGATED in mention.assertion


def _assertion(span: Span) -> tuple[str, ...]:
    """What the text says of the span's mention, such as ("negated",), in alphabetical order."""
    mention = _mention_of(span)
    return () if mention is None else tuple(sorted(mention.assertion))


def _concepts(span: Span) -> tuple[str, ...]:
    """The concept ids of the span's mention; several for "breast and ovarian cancer"."""
    mention = _mention_of(span)
    return () if mention is None else mention.concept_ids


def _section(span: Span) -> str:
    """The category of the section of a note that the span starts in; "" for none."""
    section = section_of(_document(span.doc), span.start_char)
    return section.category if section else ""


def _mention_of(span: Span) -> Mention | None:
    """The mention with the tokens and the label of the span (any, if it has none), and of several
    the one with its concept.
    """
    near = (
        mention
        for mention in _mentions(span.doc)
        if mention.start < span.end_char
        and span.start_char < mention.end
        and span.label_ in ("", mention.label)
    )
    mentions = [mention for mention in near if _has_tokens(mention, span)]
    linked = [mention for mention in mentions if span.kb_id_ in mention.concept_ids]
    return next(iter(linked or mentions), None)


def _has_tokens(mention: Mention, span: Span) -> bool:
    tokens = align(span.doc, mention.start, mention.end)
    return (tokens.start, tokens.end) == (span.start, span.end)


DOC_GETTERS: Getters = {
    "mentions": _mentions,
    "relations": _relations,
    "abbreviations": _abbreviations,
    "sections": _sections,
    "medications": _medications,
    "measurements": _measurements,
    "times": _times,
}
SPAN_GETTERS: Getters = {
    "kb_ents": _kb_ents,
    "score": _score,
    "assertion": _assertion,
    "concepts": _concepts,
    "mention": _mention_of,
    "negated": _negated,
    "section": _section,
}
INSTEAD = {
    "doc": "biopipe.to_document(doc)",
    "span": "the mentions of biopipe.to_document(span.doc)",
}
