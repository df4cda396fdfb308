"""What the evidence of a relation says of it: the rule that carries assertions from mentions to relations."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from biopipe.relations.pairs import concepts
from biopipe.types import Document, Relation

__all__ = ["with_assertions"]

# The categories of mentions by their indices; those with none are left out.
Said = Mapping[int, AbstractSet[str]]
_RELATION = " relation"
_NOTHING: frozenset[str] = frozenset()


def with_assertions(document: Document, said: Said) -> Document:
    """The document with what is said of its mentions, and of its relations by their evidence.

    A sentence says of a relation what it says of all mentions of its head, or of all of its tail, and what
    triggers for relations such as "not associated with" say of either. A relation is what every sentence
    that names both ends says of it, so one plain statement outweighs a denial; where no sentence names both,
    it is what any sentence says of its one end.
    """
    changed = {
        index: replace(mention, assertion=assertion)
        for index, mention in enumerate(document.mentions)
        if (assertion := _of_mentions(said.get(index, _NOTHING))) != mention.assertion
    }
    if changed:
        mentions = tuple(changed.get(index, mention) for index, mention in enumerate(document.mentions))
        document = replace(document, mentions=mentions)
    if not document.relations:
        return document
    ends = {each.id: _in_order(document, each.mentions) for each in concepts(document)}
    relations = tuple(_with_assertion(relation, ends, said) for relation in document.relations)
    return replace(document, relations=relations)


def _in_order(document: Document, mentions: Sequence[int]) -> tuple[list[int], list[int]]:
    """Starts of a concept's mentions, and their indices, in order of the text."""
    order = sorted(mentions, key=lambda index: document.mentions[index].start)
    return [document.mentions[index].start for index in order], order


def _with_assertion(
    relation: Relation, ends: Mapping[str, tuple[list[int], list[int]]], said: Said
) -> Relation:
    both, one = [], []
    for span in relation.evidence:
        head, tail = (
            _inside(ends.get(each, ([], [])), span, said) for each in (relation.head, relation.tail)
        )
        if head and tail:
            both.append(_of_all(head) | _of_all(tail) | _of_relations([*head, *tail]))
        else:
            one.append(_of_all(head or tail))
    assertion = both[0].intersection(*both) if both else _NOTHING.union(*one)
    return relation if relation.assertion == assertion else replace(relation, assertion=assertion)


def _inside(ends: tuple[list[int], list[int]], span: tuple[int, int], said: Said) -> list[AbstractSet[str]]:
    starts, order = ends
    inside = range(bisect_left(starts, span[0]), bisect_left(starts, span[1]))
    return [said.get(order[place], _NOTHING) for place in inside]


def _of_mentions(said: AbstractSet[str]) -> frozenset[str]:
    return frozenset([each for each in said if not each.endswith(_RELATION)]) if said else _NOTHING


def _of_all(said: Sequence[AbstractSet[str]]) -> frozenset[str]:
    """What is said of every one of some mentions."""
    return _of_mentions(frozenset(said[0]).intersection(*said)) if said else _NOTHING


def _of_relations(said: Sequence[AbstractSet[str]]) -> frozenset[str]:
    found = _NOTHING.union(*said)
    return frozenset(each.removesuffix(_RELATION) for each in found if each.endswith(_RELATION))
