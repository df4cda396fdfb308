"""What a document says as flat metadata, for stores that keep some beside each text."""

from collections.abc import Iterable

from biopipe.document.labels import NEGATED
from biopipe.document.types import Document, Mention

__all__ = ["document_metadata"]


def document_metadata(document: Document) -> dict[str, list[str]]:
    """Concepts of a document by what they are, as lists of strings without repeats, in the order of
    the text.

    `concept_ids` and `concept_names` are parallel; `denied_concept_ids` are those that the text
    denies wherever it names them, and are in no other list. Under each label in lower case
    ("disease") stand the names of what the document mentions so: of the concept, or of a mention
    without one as the text writes it.
    """
    stated = [mention for mention in document.mentions if NEGATED not in mention.assertion]
    names = {
        concept_id: _name(mention, concept_id, document.text)
        # Reversed, so that the name at its first mention is the one that stays.
        for mention in reversed(stated)
        for concept_id in mention.concept_ids
    }
    ids = _once(concept_id for mention in stated for concept_id in mention.concept_ids)
    all_ids = _once(concept_id for m in document.mentions for concept_id in m.concept_ids)
    by_label = {
        label.lower(): _once(
            names[concept_id] if concept_id else document.text[mention.start : mention.end]
            for mention in stated
            if mention.label == label
            for concept_id in mention.concept_ids or ("",)
        )
        for label in _once(mention.label for mention in stated)
    }
    return {
        **by_label,
        "concept_ids": ids,
        "concept_names": [names[concept_id] for concept_id in ids],
        "denied_concept_ids": [concept_id for concept_id in all_ids if concept_id not in names],
    }


def _name(mention: Mention, concept_id: str, text: str) -> str:
    """What a concept is called, by the mention's candidates, else as the text writes it."""
    written = text[mention.start : mention.end]
    return next((c.name for c in mention.candidates if c.concept_id == concept_id), written)


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
