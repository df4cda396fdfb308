"""Document to spaCy Doc and back.

On the Doc: `doc.spans["biopipe"]` (or another key) holds every mention in the order of
`Document.mentions`, overlaps allowed, with their scores in `.attrs["scores"]`; `doc.ents` a
non-overlapping choice of them beside the entities that other components set;
`doc.sents` the sentences of the text, unless another component has set some;
`doc.user_data["biopipe"]` the document without its text, as plain data (see
`biopipe.document.plain`), with the key of the spans and which entities are ours.
"""

from dataclasses import replace
from operator import attrgetter
from typing import Any

from spacy.tokens import Doc

from biopipe.components.carried import AnnotationRecord, carried_record, make_record
from biopipe.components.extensions import install_extensions
from biopipe.components.sentences import mark_sentences, needs_sentences
from biopipe.components.spans import check_offsets, make_spans, set_ents
from biopipe.document import Document, Mention
from biopipe.document.plain import KEY, from_user_data
from biopipe.errors import InputError
from biopipe.text.sentences import with_sentences

__all__ = [
    "ENTS_SOURCE",
    "SPANS_KEY",
    "adopt_ents",
    "annotate_doc",
    "check_same_text",
    "searched_for_mentions",
    "to_document",
    "update_doc",
]

ENTS_SOURCE = "doc.ents"
SPANS_KEY = "biopipe"
"""Where the mentions go in `doc.spans` unless a pipeline says otherwise."""

# What the spans and the entities of a document depend on.
_drawn = attrgetter("start", "end", "label", "score", "concept_ids")


def to_document(doc: Doc, id: str = "") -> Document:
    """What biopipe knows of a Doc; the id the Doc was annotated with unless another is given."""
    record = carried_record(doc)
    if record is None:
        stored = doc.user_data.get(KEY)
        # Most Docs come as spaCy made them.
        document = from_user_data(stored, doc.text) if stored else Document("", doc.text)
        return replace(document, id=id) if id else document
    return replace(record.document, id=id) if id else record.document


def searched_for_mentions(doc: Doc) -> bool:
    """Whether a biopipe component has looked for mentions, even if it found none."""
    return "mentions" in doc.user_data.get(KEY, {})


def adopt_ents(doc: Doc, document: Document) -> Document:
    """The document with `doc.ents` as its mentions, if no biopipe component looked for mentions
    before.
    """
    if searched_for_mentions(doc):
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


def annotate_doc(doc: Doc, document: Document, *, spans_key: str = "") -> Doc:
    """Write a document of the same text on a Doc, over what biopipe wrote there before.

    Entities of other components stay in `doc.ents`, ours go where there is room, the longest first
    and of equally long ones the best scored; an entity that is also a mention gets the mention's
    concept id. For a mention inside a token the Span is the whole token; `doc._.mentions` has its
    own offsets. `spans_key` is the one used before, or else "biopipe", unless it is given.
    InputError where the texts differ or a mention lies outside the text.

        doc = biopipe.annotate_doc(nlp.make_doc(document.text), document)
    """
    check_same_text(doc, document)
    install_extensions()
    stored = make_record(document)
    _write(doc, document, stored, spans_key or doc.user_data.get(KEY, {}).get("spans_key"))
    doc.user_data[KEY] = stored
    return doc


def update_doc(doc: Doc, document: Document, *, spans_key: str, searched: bool = False) -> None:
    """Write what a predictor made of the document of a Doc, and keep it for the next component.

    `searched` says that it looked for mentions, even if it found none. Spans and entities are left
    as they are where the mentions have not changed. The text is not compared again.
    """
    before = carried_record(doc)
    if needs_sentences(doc):
        document = with_sentences(document)  # carried on, so that no later stage looks again
    stored = make_record(document, before)
    # Assertions and relations change no span, and making hundreds of Spans anew takes longer than
    # either.
    if before is not None and _same_spans(doc, before, document, spans_key):
        stored |= {"spans_key": spans_key, "ents": before["ents"]}
        _keep_unsearched(doc, document, stored)
    else:
        _write(doc, document, stored, spans_key)
    if searched:
        stored.setdefault("mentions", [])
    doc.user_data[KEY] = AnnotationRecord(stored, document)


def check_same_text(doc: Doc, document: Document) -> None:
    """InputError unless the document has the text of the Doc."""
    if doc.text != document.text:
        raise InputError(
            f"The text of document '{document.id}' ({len(document.text)} characters) is not that "
            f"of the Doc ({len(doc.text)} characters); make the Doc from document.text."
        )


def _same_spans(doc: Doc, before: AnnotationRecord, document: Document, spans_key: str) -> bool:
    mentions = before.document.mentions
    if before["spans_key"] != spans_key or spans_key not in doc.spans:
        return False
    return document.mentions is mentions or (
        [*map(_drawn, document.mentions)] == [*map(_drawn, mentions)]
    )


def _keep_unsearched(doc: Doc, document: Document, stored: dict[str, Any]) -> None:
    """An empty list says that mentions were looked for; only a tagger may say so, see
    `adopt_ents`.
    """
    if not document.mentions and not searched_for_mentions(doc):
        stored.pop("mentions", None)


def _write(doc: Doc, document: Document, stored: dict[str, Any], spans_key: str | None) -> None:
    """Put spans and entities on the Doc, and in `stored` which they are."""
    check_offsets(document)
    _keep_unsearched(doc, document, stored)
    before = doc.user_data.get(KEY, {})
    spans_key = spans_key or SPANS_KEY
    old_key = before.get("spans_key", spans_key)
    # A pipeline that was read under another key would leave the mentions twice on the Doc.
    if old_key != spans_key:
        doc.spans.pop(old_key, None)
    mentions = document.mentions
    spans = make_spans(doc, mentions)
    ours = {tuple(key) for key in before.get("ents", ())}
    mark_sentences(doc, document)
    stored["spans_key"] = spans_key
    stored["ents"] = set_ents(doc, mentions, spans, ours)
    doc.spans[spans_key] = spans
    doc.spans[spans_key].attrs["scores"] = [float(mention.score) for mention in mentions]
