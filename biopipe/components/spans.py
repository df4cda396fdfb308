"""A document's mentions as `doc.spans` and `doc.ents`."""

from collections.abc import Iterable, Sequence
from typing import Any

from spacy.tokens import Doc, Span

from biopipe.components.alignment import align_offsets
from biopipe.document import Document, Mention
from biopipe.errors import InputError

__all__ = ["check_offsets", "make_spans", "set_ents", "span_key"]

SpanKey = tuple[int, int, str]


def make_spans(doc: Doc, mentions: Sequence[Mention]) -> list[Span]:
    """The spans of mentions in their order, each of the fewest whole tokens that cover it."""
    tokens = align_offsets(doc, [(mention.start, mention.end) for mention in mentions])
    return [
        Span(doc, first, stop, mention.label, kb_id=(mention.concept_ids or ("",))[0])
        for mention, (first, stop) in zip(mentions, tokens, strict=True)
    ]


def check_offsets(document: Document) -> None:
    """InputError unless every mention lies in the text."""
    for mention in document.mentions:
        if not 0 <= mention.start < mention.end <= len(document.text):
            raise InputError(
                f"The {mention.label} mention {mention.start}-{mention.end} of document "
                f"'{document.id}' is not in its text of {len(document.text)} characters; offsets "
                "are code points, end exclusive."
            )


def set_ents(
    doc: Doc, mentions: Sequence[Mention], spans: Sequence[Span], ours: set[tuple[Any, ...]]
) -> list[list[Any]]:
    """Set `doc.ents` to those of other components and what of `spans` has room beside them.

    `ours` are the keys (first character, character after the last, label) of the entities that
    biopipe set before; returns those that it has set now.
    """
    ranked = [
        span for _, span in sorted(zip(mentions, spans, strict=True), key=_rank) if span.label
    ]
    # Reading entities takes a while, and a Doc that no other component has seen has none.
    old = doc.ents if doc.has_annotation("ENT_IOB") else ()
    others = [ent for ent in old if span_key(ent) not in ours]
    if others:
        # An entity of another component that is also our mention gets the concept we found for it.
        best = {span_key(span): span for span in reversed(ranked)}
        others = [_with_concept(ent, best) for ent in others]
    taken = _tokens(others)
    added = []
    for span in ranked:
        tokens = range(span.start, span.end)
        if taken.isdisjoint(tokens):
            taken.update(tokens)
            added.append(span)
    # set_ents leaves the ids of tokens that are no longer in an entity.
    for token in _tokens(old) - taken:
        doc[token].ent_kb_id = 0
    doc.set_ents([*others, *added])
    return [list(key) for key in sorted(map(span_key, added))]


def _tokens(spans: Iterable[Span]) -> set[int]:
    return {token for span in spans for token in range(span.start, span.end)}


def span_key(span: Span) -> SpanKey:
    """What tells entities apart: first character, the one after the last, label."""
    return span.start_char, span.end_char, span.label_


def _rank(pair: tuple[Mention, Span]) -> tuple[int, float, int, str, tuple[str, ...]]:
    mention = pair[0]
    return (
        # The longest first: "type 2 diabetes" rather than "diabetes" within it.
        mention.start - mention.end,
        -mention.score,
        mention.start,
        mention.label,
        mention.concept_ids,
    )


def _with_concept(ent: Span, best: dict[SpanKey, Span]) -> Span:
    mention = best.get(span_key(ent))
    return mention if mention is not None and mention.kb_id else ent
