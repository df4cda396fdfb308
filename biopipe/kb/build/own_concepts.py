"""Concepts of a user's own on top of those of a base."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from biopipe.kb.schema import Concept

__all__ = ["own_systems", "with_own_concepts"]


def with_own_concepts(
    concepts: Iterable[Concept], own: Sequence[Concept], pairs: Iterable[tuple[str, str]] = ()
) -> Iterator[Concept]:
    """`concepts`, then `own`; those that have an id of one of `concepts`, as their own, as a
    cross-reference, or by a pair of equal ids, add their names to it.
    """
    wanted = {id_: concept.id for concept in own for id_ in (*concept.xrefs, concept.id)}
    own_ids = {concept.id for concept in own}
    for one, other in pairs:
        for id_, equal in ((one, other), (other, one)):
            if id_ in own_ids:
                wanted.setdefault(equal, id_)
    targets: dict[str, str] = {}
    for concept in concepts:
        for id_ in (concept.id, *concept.xrefs):
            if id_ in wanted:
                targets.setdefault(wanted[id_], concept.replaced_by or concept.id)
        yield concept
    for concept in own:
        main = targets.get(concept.id, concept.id)
        if main == concept.id or concept.replaced_by:
            yield concept
        else:
            yield replace(concept, id=main, xrefs=(concept.id, *concept.xrefs))


def own_systems(own: Iterable[Concept]) -> tuple[str, ...]:
    """The prefixes of the ids of `own`, in their order."""
    prefixes = (concept.id.partition(":") for concept in own)
    return tuple(dict.fromkeys(prefix for prefix, colon, _ in prefixes if colon))
