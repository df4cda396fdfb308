"""What the evidence of a relation says of it: the rule that carries assertions from mentions to
relations.
"""

from bisect import bisect_left
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import pairwise

from biopipe.assertion.triggers import OF_RELATION
from biopipe.document import Document, Relation
from biopipe.text.concepts import concept_mentions

__all__ = ["with_assertions"]

# The categories of mentions by their indices; those with none are left out.
MentionCategories = Mapping[int, AbstractSet[str]]
# Starts of a concept's mentions with their indices, in order of the text.
OrderedMentions = list[tuple[int, int]]
_NOTHING: frozenset[str] = frozenset()


def with_assertions(document: Document, categories: MentionCategories) -> Document:
    """The document with the assertions of its mentions, and of its relations by their evidence.

    A sentence says of a relation what it says of all mentions of its head, or of all of its tail,
    and what triggers for relations, such as "not associated with", say of the later one of the
    nearest two mentions. A relation is what every sentence that names both ends says of it, so one
    plain statement outweighs a denial; where no sentence names both, it is what any sentence says
    of its one end.
    """
    document = _with_mention_assertions(document, categories)
    if not document.relations:
        return document
    if not categories:
        # Nothing is said of any mention, so nothing can be said of a relation.
        if any(relation.assertion for relation in document.relations):
            relations = tuple(replace(r, assertion=_NOTHING) for r in document.relations)
            return replace(document, relations=relations)
        return document
    ends = {
        concept.id: sorted((document.mentions[index].start, index) for index in concept.mentions)
        for concept in concept_mentions(document)
    }
    asserted = {
        concept_id
        for concept_id, mentions in ends.items()
        if any(index in categories for _, index in mentions)
    }
    relations = tuple(
        _with_assertion(relation, ends, categories)
        if relation.assertion or relation.head in asserted or relation.tail in asserted
        else relation
        for relation in document.relations
    )
    return replace(document, relations=relations)


def _with_mention_assertions(document: Document, categories: MentionCategories) -> Document:
    mentions = list(document.mentions)
    changed = False
    for index, mention in enumerate(mentions):
        assertion = _of_mentions(categories[index]) if index in categories else _NOTHING
        if assertion != mention.assertion:
            mentions[index] = replace(mention, assertion=assertion)
            changed = True
    return replace(document, mentions=tuple(mentions)) if changed else document


def _with_assertion(
    relation: Relation, ends: Mapping[str, OrderedMentions], categories: MentionCategories
) -> Relation:
    both, one = [], []
    heads, tails = ends.get(relation.head, []), ends.get(relation.tail, [])
    for span in relation.evidence:
        head, tail = _inside(heads, span), _inside(tails, span)
        if head and tail:
            later = categories.get(_later_of_nearest(head, tail), _NOTHING)
            both.append(
                _of_all(head, categories) | _of_all(tail, categories) | _of_relations(later)
            )
        else:
            one.append(_of_all(head or tail, categories))
    assertion = both[0].intersection(*both) if both else _NOTHING.union(*one)
    return relation if relation.assertion == assertion else replace(relation, assertion=assertion)


def _inside(mentions: OrderedMentions, span: tuple[int, int]) -> OrderedMentions:
    return mentions[bisect_left(mentions, (span[0], -1)) : bisect_left(mentions, (span[1], -1))]


def _later_of_nearest(head: OrderedMentions, tail: OrderedMentions) -> int:
    """Of the two mentions of different ends that stand nearest to each other the index of the later
    one.
    """
    ordered = sorted(
        [(start, index, 0) for start, index in head] + [(start, index, 1) for start, index in tail]
    )
    neighbours = pairwise(ordered)
    gaps = [(two[0] - one[0], two[0], two[1]) for one, two in neighbours if one[2] != two[2]]
    return min(gaps)[2]


def _of_mentions(categories: AbstractSet[str]) -> frozenset[str]:
    """The assertions of mentions among some categories."""
    return frozenset(c for c in categories if not c.endswith(OF_RELATION))


def _of_all(mentions: OrderedMentions, categories: MentionCategories) -> frozenset[str]:
    """The assertions of every one of some mentions."""
    first, *others = [categories.get(index) for _, index in mentions] or [None]
    if not first or not all(others):
        return _NOTHING
    return _of_mentions(frozenset(first).intersection(*(each or _NOTHING for each in others)))


def _of_relations(categories: AbstractSet[str]) -> frozenset[str]:
    """The assertions of relations among some categories."""
    return frozenset(c.removesuffix(OF_RELATION) for c in categories if c.endswith(OF_RELATION))
