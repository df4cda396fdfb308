"""What the evidence of a relation says of it: the rule that carries assertions from mentions to
relations.
"""

from bisect import bisect_left
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from biopipe.assertion.triggers import OF_RELATION
from biopipe.document import Document, Relation
from biopipe.document.labels import NEGATED, POSSIBLE
from biopipe.text.concepts import concept_mentions

__all__ = ["with_assertions"]

# The categories of mentions by their indices; those with none are left out.
MentionCategories = Mapping[int, AbstractSet[str]]
# Starts of a concept's mentions with their indices, in order of the text.
OrderedMentions = list[tuple[int, int]]
_NOTHING: frozenset[str] = frozenset()
# What is said of one end is said of the relation; that an end is past, hypothetical or a relative's
# is not ("aspirin prevents stroke", "toxicity of the drug resolved"), unless it is said of both.
_OF_ONE_END = frozenset({NEGATED, POSSIBLE})


def with_assertions(document: Document, categories: MentionCategories) -> Document:
    """The document with the assertions of its mentions, and of its relations by their evidence.

    A sentence says of a relation what it says of all mentions of its head and of all of its tail,
    that it is negated or possible where one of the two is, and what triggers for relations, such as
    "not associated with", say of the later one of the nearest two mentions. A relation is what every
    sentence that names both ends says of it, so one plain statement outweighs a denial; where no
    sentence names both, it is what any sentence says of its one end.
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
    evidence = _Evidence(document, categories)
    relations = tuple(
        [
            evidence.with_assertion(relation)
            if relation.assertion or evidence.of_any(relation)
            else relation
            for relation in document.relations
        ]
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


class _Evidence:
    """What the sentences of a document say of its concepts; a sentence is asked once a concept."""

    def __init__(self, document: Document, categories: MentionCategories) -> None:
        self._categories = categories
        self._of_relations = {
            index: assertions
            for index, of_mention in categories.items()
            if (assertions := _of_relations(of_mention))
        }
        starts = [mention.start for mention in document.mentions]
        self._ends = {
            concept.id: sorted([(starts[index], index) for index in concept.mentions])
            for concept in concept_mentions(document)
        }
        self._asserted = {
            concept_id
            for concept_id, mentions in self._ends.items()
            if not categories.keys().isdisjoint([index for _, index in mentions])
        }
        self._in_span: dict[tuple[str, tuple[int, int]], _InSpan] = {}

    def of_any(self, relation: Relation) -> bool:
        """Whether anything is said of any mention of one of the relation's ends."""
        return relation.head in self._asserted or relation.tail in self._asserted

    def with_assertion(self, relation: Relation) -> Relation:
        """The relation with what its evidence says of it."""
        both, one = [], []
        for span in relation.evidence:
            head, tail = self._end_in(relation.head, span), self._end_in(relation.tail, span)
            if head.mentions and tail.mentions:
                own = (head.of_all | tail.of_all) & _OF_ONE_END | (head.of_all & tail.of_all)
                both.append(own | self._of_pair(head, tail))
            else:
                one.append(head.of_all if head.mentions else tail.of_all)
        assertion = both[0].intersection(*both) if both else _NOTHING.union(*one)
        if relation.assertion == assertion:
            return relation
        return replace(relation, assertion=assertion)

    def _end_in(self, concept_id: str, span: tuple[int, int]) -> "_InSpan":
        key = concept_id, span
        end = self._in_span.get(key)
        if end is None:
            mentions = _inside(self._ends.get(concept_id, []), span)
            end = self._in_span[key] = _InSpan(
                mentions,
                _of_all(mentions, self._categories),
                any(index in self._of_relations for _, index in mentions),
            )
        return end

    def _of_pair(self, head: "_InSpan", tail: "_InSpan") -> frozenset[str]:
        """What triggers for relations say of two ends in a sentence."""
        if not (head.has_relation_trigger or tail.has_relation_trigger):
            return _NOTHING
        later = _later_of_nearest(head.mentions, tail.mentions)
        return self._of_relations.get(later, _NOTHING)


class _InSpan(NamedTuple):
    """The mentions of a concept in a sentence, the assertions of all of them, and whether a trigger
    for relations reaches any.
    """

    mentions: OrderedMentions
    of_all: frozenset[str]
    has_relation_trigger: bool


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
    in_order = [categories.get(index, _NOTHING) for _, index in mentions]
    if not in_order or not all(in_order):
        return _NOTHING
    return _of_mentions(frozenset(in_order[0]).intersection(*in_order[1:]))


def _of_relations(categories: AbstractSet[str]) -> frozenset[str]:
    """The assertions of relations among some categories."""
    return frozenset(c.removesuffix(OF_RELATION) for c in categories if c.endswith(OF_RELATION))
