"""What the evidence of a relation says of it: the rule that carries assertions from mentions to
relations.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import pairwise

from biopipe.document import Document, Relation
from biopipe.text.concepts import concept_mentions

__all__ = ["with_assertions"]

# The categories of mentions by their indices; those with none are left out.
Said = Mapping[int, AbstractSet[str]]
InOrder = list[tuple[int, int]]
_RELATION = " relation"
_NOTHING: frozenset[str] = frozenset()


def with_assertions(document: Document, said: Said) -> Document:
    """The document with what is said of its mentions, and of its relations by their evidence.

    A sentence says of a relation what it says of all mentions of its head, or of all of its tail,
    and what triggers for relations, such as "not associated with", say of the later one of the
    nearest two mentions. A relation is what every sentence that names both ends says of it, so one
    plain statement outweighs a denial; where no sentence names both, it is what any sentence says
    of its one end.
    """
    mentions = list(document.mentions)
    for index, mention in enumerate(mentions):
        assertion = _of_mentions(said[index]) if index in said else _NOTHING
        if assertion != mention.assertion:
            mentions[index] = replace(mention, assertion=assertion)
    if said or tuple(mentions) != document.mentions:
        document = replace(document, mentions=tuple(mentions))
    if not document.relations:
        return document
    ends = {each.id: _in_order(document, each.mentions) for each in concept_mentions(document)}
    relations = tuple(_with_assertion(relation, ends, said) for relation in document.relations)
    return replace(document, relations=relations)


def _in_order(document: Document, mentions: Sequence[int]) -> InOrder:
    """Starts of a concept's mentions with their indices, in order of the text."""
    return sorted((document.mentions[index].start, index) for index in mentions)


def _with_assertion(relation: Relation, ends: Mapping[str, InOrder], said: Said) -> Relation:
    both, one = [], []
    for span in relation.evidence:
        head, tail = (_inside(ends.get(each, []), span) for each in (relation.head, relation.tail))
        if head and tail:
            later = said.get(_later_of_nearest(head, tail), _NOTHING)
            both.append(_of_all(head, said) | _of_all(tail, said) | _of_relations(later))
        else:
            one.append(_of_all(head or tail, said))
    assertion = both[0].intersection(*both) if both else _NOTHING.union(*one)
    return relation if relation.assertion == assertion else replace(relation, assertion=assertion)


def _inside(mentions: InOrder, span: tuple[int, int]) -> InOrder:
    return mentions[bisect_left(mentions, (span[0], -1)) : bisect_left(mentions, (span[1], -1))]


def _later_of_nearest(head: InOrder, tail: InOrder) -> int:
    """Of the two mentions of different ends that stand nearest to each other the index of the later
    one.
    """
    ordered = sorted(
        [(start, index, 0) for start, index in head] + [(start, index, 1) for start, index in tail]
    )
    neighbours = pairwise(ordered)
    gaps = [(two[0] - one[0], two[0], two[1]) for one, two in neighbours if one[2] != two[2]]
    return min(gaps)[2]


def _of_mentions(said: AbstractSet[str]) -> frozenset[str]:
    return frozenset([each for each in said if not each.endswith(_RELATION)]) if said else _NOTHING


def _of_all(mentions: InOrder, said: Said) -> frozenset[str]:
    """What is said of every one of some mentions."""
    sets = [said.get(index, _NOTHING) for _, index in mentions]
    return _of_mentions(frozenset(sets[0]).intersection(*sets)) if sets else _NOTHING


def _of_relations(said: AbstractSet[str]) -> frozenset[str]:
    return frozenset(each.removesuffix(_RELATION) for each in said if each.endswith(_RELATION))
