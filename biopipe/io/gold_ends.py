"""Gold relations between mentions that have no concept id, as annotators draw them in brat and Label
Studio.
"""

from dataclasses import replace

from biopipe.document import Document, Mention, Relation
from biopipe.document.labels import NIL_PREFIX
from biopipe.io.relation_ends import concept_of_mention

__all__ = ["LOCAL_PREFIX", "with_concepts_of_ends"]

LOCAL_PREFIX = "TEXT:"
"""Begins the id of mentions that a gold relates and gives no id: `TEXT:Disease/goitre`."""


def with_concepts_of_ends(document: Document) -> Document:
    """The document where mentions that its relations end at have an id by their label and words.

    A relation is between concepts, and all that trains or scores it leaves mentions without one
    aside. With such an id, mentions of the same label and words are one concept of the document,
    which no knowledge base has. A document whose relations end at ids stays as it is.
    """
    ends = {end for r in document.relations for end in (r.head, r.tail) if _is_nil(end)}
    if not ends:
        return document
    mentions = tuple(_with_id(document.text, mention, ends) for mention in document.mentions)
    return replace(
        document,
        mentions=mentions,
        relations=tuple(map(_renamed, document.relations)),
        # They were grouped by the ids before.
        concepts=None,
    )


def _is_nil(concept_id: str) -> bool:
    return concept_id.startswith(NIL_PREFIX)


def _with_id(text: str, mention: Mention, ends: set[str]) -> Mention:
    concept = concept_of_mention(text, mention)
    return replace(mention, concept_ids=(_local(concept),)) if concept in ends else mention


def _renamed(relation: Relation) -> Relation:
    subject = relation.subject
    return replace(
        relation,
        head=_local(relation.head),
        tail=_local(relation.tail),
        subject=None if subject is None else _local(subject),
    )


def _local(concept_id: str) -> str:
    """The local id in place of `NIL:`; other ids stay."""
    return LOCAL_PREFIX + concept_id.removeprefix(NIL_PREFIX) if _is_nil(concept_id) else concept_id
