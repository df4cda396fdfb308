"""Relations between concepts as relations between mentions, and back: brat and Label Studio have
the latter.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from biopipe.document import Document, Mention, Relation
from biopipe.document.labels import NIL_PREFIX

__all__ = ["concept_of_mention", "distinct_relations", "mentions_of_ends"]

_SIGNS = re.compile(r"[\W_]+")
# What is looked at to find two mentions near each other: a concept may be named thousands of times.
_MOST_MENTIONS = 200


def concept_of_mention(text: str, mention: Mention) -> str:
    """The concept that a mention stands for as an end of a relation: its first id, or else its
    label and words under `NIL:`.
    """
    if mention.concept_ids:
        return mention.concept_ids[0]
    words = "_".join(text[mention.start : mention.end].casefold().split())
    return f"{NIL_PREFIX}{mention.label}/{words}"


def distinct_relations(relations: Iterable[Relation]) -> tuple[Relation, ...]:
    """The relations in order; of those of one head, tail and label, which two mentions may have at
    several places, the one with the highest score."""
    best: dict[tuple[str, str, str], Relation] = {}
    for relation in relations:
        key = (relation.head, relation.tail, relation.label)
        if key not in best or relation.score > best[key].score:
            best[key] = relation
    return tuple(best.values())


def mentions_of_ends(document: Document) -> list[tuple[int, int] | None]:
    """For each relation the indices of the mentions of its head and tail that are nearest to each
    other, in its evidence if there are any; None where no mention stands for an end.
    """
    if not document.relations:
        return []
    by_concept: dict[str, list[int]] = defaultdict(list)
    for index, mention in enumerate(document.mentions):
        by_concept[_key(concept_of_mention(document.text, mention))].append(index)
    return [_nearest(document, relation, by_concept) for relation in document.relations]


def _key(concept_id: str) -> str:
    """Names without an id are compared by their letters and digits alone."""
    if not concept_id.startswith(NIL_PREFIX):
        return concept_id
    return NIL_PREFIX + _SIGNS.sub("", concept_id.removeprefix(NIL_PREFIX)).casefold()


def _nearest(
    document: Document, relation: Relation, by_concept: dict[str, list[int]]
) -> tuple[int, int] | None:
    heads, tails = (
        _in_evidence(document, by_concept.get(_key(end), []), relation)
        for end in (relation.head, relation.tail)
    )
    # A mention cannot be related to itself, though its concept may be.
    pairs = [(head, tail) for head in heads for tail in tails if head != tail]
    if not pairs:
        return None
    return min(pairs, key=lambda pair: _distance(document.mentions, *pair))


def _in_evidence(document: Document, indices: list[int], relation: Relation) -> list[int]:
    inside = [
        index
        for index in indices
        if any(
            start <= document.mentions[index].start and document.mentions[index].end <= end
            for start, end in relation.evidence
        )
    ]
    return (inside or indices)[:_MOST_MENTIONS]


def _distance(mentions: Sequence[Mention], one: int, other: int) -> int:
    first, second = sorted((mentions[one], mentions[other]), key=lambda m: (m.start, m.end))
    return max(0, second.start - first.end)
