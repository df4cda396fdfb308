"""Which mentions of a document are one concept."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from biopipe.document import ConceptMentions, Document, Mention
from biopipe.document.labels import NIL_PREFIX
from biopipe.text.normalize import normalize_name

__all__ = ["NIL_PREFIX", "concept_mentions", "concept_name", "linked_concepts", "with_concepts"]


def concept_mentions(document: Document) -> tuple[ConceptMentions, ...]:
    """The concepts of a document in order of their first mention; those it carries, if it does.

    Mentions without an id are grouped by their normalised surface form (the long form where the
    document defines it) under an id that starts with `NIL_PREFIX`. A concept whose mentions have
    different labels takes the most frequent one, ties by first mention.
    """
    if document.concepts is not None:
        return document.concepts
    long_forms = _long_forms(document)
    grouped: dict[str, list[int]] = {}
    for index, mention in enumerate(document.mentions):
        ids = mention.concept_ids or (_nil_id(document.text, mention, long_forms),)
        for concept_id in ids if len(ids) == 1 else dict.fromkeys(ids):
            grouped.setdefault(concept_id, []).append(index)
    return tuple(
        ConceptMentions(concept_id, _label(document, indices), tuple(indices))
        for concept_id, indices in grouped.items()
    )


def linked_concepts(document: Document) -> tuple[ConceptMentions, ...]:
    """The concepts of a document that have an id of a knowledge base."""
    return tuple(c for c in concept_mentions(document) if not c.id.startswith(NIL_PREFIX))


def concept_name(document: Document, concept: ConceptMentions) -> str:
    """The name of a concept in its knowledge base, else what its first mention says."""
    first = document.mentions[concept.mentions[0]]
    for candidate in first.candidates:
        if candidate.concept_id == concept.id:
            return candidate.name
    return document.text[first.start : first.end]


def with_concepts(document: Document) -> Document:
    """The document carrying its concepts, for all later stages."""
    if document.concepts is not None:
        return document
    return replace(document, concepts=concept_mentions(document))


def _long_forms(document: Document) -> dict[str, str]:
    text = document.text
    return {
        text[a.start : a.end]: text[a.long_start : a.long_end] for a in document.abbreviations or ()
    }


def _nil_id(text: str, mention: Mention, long_forms: dict[str, str]) -> str:
    surface = text[mention.start : mention.end]
    name = normalize_name(long_forms.get(surface, surface)) or surface
    return f"{NIL_PREFIX}{mention.label}/{_digest(name)}"


def _digest(name: str) -> str:
    """16 hexadecimal digits; that two of a million names share them has a chance of 3 in 10^8."""
    return blake2b(name.encode("utf-8"), digest_size=8).hexdigest()


def _label(document: Document, indices: Sequence[int]) -> str:
    labels = [document.mentions[index].label for index in indices]
    # Nearly always they are all the same, which a list tells in a fraction of the time.
    if labels.count(labels[0]) == len(labels):
        return labels[0]
    return Counter(labels).most_common(1)[0][0]
