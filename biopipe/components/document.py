"""Document to spaCy Doc and back.

On the Doc: `doc.spans["biopipe"]` holds every mention in the order of `Document.mentions`, overlaps
allowed, with their scores in `.attrs["scores"]`; `doc.ents` a non-overlapping choice of them beside
the entities that other components set; `doc.user_data["biopipe"]` the document without its text, as
plain data (see `record`).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from spacy.tokens import Doc, Span

from biopipe.components.alignment import align
from biopipe.components.carried import carried_document
from biopipe.components.extensions import install_extensions
from biopipe.document import Document, Mention
from biopipe.document.plain import KEY, from_record, to_record
from biopipe.errors import InputError

__all__ = ["ENTS_SOURCE", "adopt_ents", "annotate_doc", "to_document"]

ENTS_SOURCE = "doc.ents"
SpanKey = tuple[int, int, str]


def to_document(doc: Doc, id: str = "") -> Document:
    """What biopipe knows of a Doc; the id the Doc was annotated with unless another is given."""
    document = carried_document(doc)
    if document is None:
        document = from_record(doc.user_data.get(KEY, {}), doc.text)
    return replace(document, id=id) if id else document


def adopt_ents(doc: Doc, document: Document) -> Document:
    """The document with `doc.ents` as its mentions, if no biopipe component looked for mentions
    before.
    """
    if "mentions" in doc.user_data.get(KEY, {}):
        return document
    mentions = tuple(
        Mention(
            start=ent.start_char,
            end=ent.end_char,
            label=ent.label_,
            concept_ids=(ent.kb_id_,) if ent.kb_id_ else (),
            sources=(ENTS_SOURCE,),
        )
        for ent in doc.ents
    )
    return replace(document, mentions=mentions, concepts=None)


def annotate_doc(doc: Doc, document: Document) -> Doc:
    """Write a document of the same text on a Doc, over what biopipe wrote there before.

    Entities of other components stay in `doc.ents`, ours go where there is room, the longest first
    and of equally long ones the best scored; an entity that is also a mention gets the mention's
    concept id. For a mention inside a token the Span is the whole token; `doc._.mentions` has its
    own offsets.
    """
    _check(doc, document)
    install_extensions()
    spans = [_span(doc, mention) for mention in document.mentions]
    before = doc.user_data.get(KEY, {})
    record = to_record(document)
    # An empty list says that mentions were looked for; only a tagger may say so, see `adopt_ents`.
    if not document.mentions and "mentions" not in before:
        del record["mentions"]
    record["ents"] = _set_ents(
        doc, document.mentions, spans, {tuple(key) for key in before.get("ents", ())}
    )
    doc.user_data[KEY] = record
    doc.spans[KEY] = spans
    doc.spans[KEY].attrs["scores"] = [float(mention.score) for mention in document.mentions]
    return doc


def _check(doc: Doc, document: Document) -> None:
    if doc.text != document.text:
        raise InputError(
            f"The text of document '{document.id}' ({len(document.text)} characters) is not that of the Doc "
            f"({len(doc.text)} characters); make the Doc from document.text."
        )
    for mention in document.mentions:
        if not 0 <= mention.start < mention.end <= len(document.text):
            raise InputError(
                f"The {mention.label} mention {mention.start}-{mention.end} of document '{document.id}' is "
                f"not in its text of {len(document.text)} characters; offsets are code points, end exclusive."
            )


def _span(doc: Doc, mention: Mention) -> Span:
    tokens = align(doc, mention.start, mention.end)
    kb_id = mention.concept_ids[0] if mention.concept_ids else ""
    return Span(doc, tokens.start, tokens.end, label=mention.label, kb_id=kb_id)


def _key(span: Span) -> SpanKey:
    return span.start_char, span.end_char, span.label_


def _set_ents(
    doc: Doc, mentions: Sequence[Mention], spans: Sequence[Span], ours: set[tuple[Any, ...]]
) -> list[list[Any]]:
    """Set `doc.ents`; returns the keys of the entities that are there because of biopipe."""
    ranked = [
        span for _, span in sorted(zip(mentions, spans, strict=True), key=_rank) if span.label
    ]
    best = {_key(span): span for span in reversed(ranked)}
    chosen: list[Span] = []
    for ent in doc.ents:
        if _key(ent) not in ours:
            chosen.append(_linked(ent, best))
        else:
            _clear(ent)
    taken = {i for span in chosen for i in range(span.start, span.end)}
    added = []
    for span in ranked:
        tokens = range(span.start, span.end)
        if taken.isdisjoint(tokens):
            taken.update(tokens)
            added.append(span)
    doc.set_ents([*chosen, *added])
    return [list(_key(span)) for span in sorted(added, key=_key)]


def _rank(pair: tuple[Mention, Span]) -> tuple[int, float, int, str, tuple[str, ...]]:
    mention = pair[0]
    return (
        mention.start - mention.end,
        -mention.score,
        mention.start,
        mention.label,
        mention.concept_ids,
    )


def _linked(ent: Span, best: dict[SpanKey, Span]) -> Span:
    mention = best.get(_key(ent))
    return mention if mention is not None and mention.kb_id else ent


def _clear(ent: Span) -> None:
    # set_ents leaves the ids of tokens that are no longer in an entity.
    for token in ent:
        token.ent_kb_id = 0
