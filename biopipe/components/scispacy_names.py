"""A knowledge base under the names that code written for scispaCy's linker uses.

scispaCy's pages read `linker.kb.cui_to_entity[concept_id]` for the ids in `span._.kb_ents`; here it
is `nlp.get_pipe("biopipe_linker").kb.cui_to_entity`. Nothing is copied: each look-up goes to the
bases.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    # spaCy imports every factory's module whenever a Language is made.
    from biopipe.kb.base import KnowledgeBase
    from biopipe.kb.schema import Concept

__all__ = ["ScispacyEntity", "ScispacyKnowledgeBase"]


class ScispacyEntity(NamedTuple):
    """A concept with the fields of scispaCy's `Entity`, in their order."""

    concept_id: str
    canonical_name: str
    aliases: list[str]
    types: list[str]
    definition: str | None


class ScispacyKnowledgeBase:
    """`cui_to_entity` and `alias_to_cuis` over one or more bases, the first the first asked."""

    def __init__(self, bases: "Sequence[KnowledgeBase]") -> None:
        self.cui_to_entity: Mapping[str, ScispacyEntity] = _Entities(bases)
        self.alias_to_cuis: Mapping[str, set[str]] = _ConceptIds(bases)


class _Entities(Mapping[str, ScispacyEntity]):
    """Entities by concept id; an id of any system that a base knows, with or without its
    prefix.
    """

    def __init__(self, bases: "Sequence[KnowledgeBase]") -> None:
        self._bases = bases

    def __getitem__(self, concept_id: str) -> ScispacyEntity:
        for base in self._bases:
            if concept_id in base:
                return _entity(base.concept(concept_id))
        for base in self._bases:
            if concepts := base.concepts_with_id(concept_id):
                return _entity(concepts[0])
        raise KeyError(concept_id)

    def __iter__(self) -> Iterator[str]:
        # Ids of one base are distinct; only several need to be compared.
        ids = (concept.id for base in self._bases for concept in base.concepts())
        return iter(dict.fromkeys(ids) if len(self._bases) > 1 else ids)

    def __len__(self) -> int:
        if len(self._bases) == 1:
            return len(self._bases[0])
        return sum(1 for _ in self)


class _ConceptIds(Mapping[str, set[str]]):
    """Ids of the concepts that bear a name; iterating goes through the names of all concepts."""

    def __init__(self, bases: "Sequence[KnowledgeBase]") -> None:
        self._bases = bases

    def __getitem__(self, alias: str) -> set[str]:
        ids = {candidate.concept_id for base in self._bases for candidate in base.lookup(alias)}
        if not ids:
            raise KeyError(alias)
        return ids

    def __iter__(self) -> Iterator[str]:
        concepts = (concept for base in self._bases for concept in base.concepts())
        names = (name for concept in concepts for name in (concept.name, *concept.synonyms))
        return iter(dict.fromkeys(names))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _entity(concept: "Concept") -> ScispacyEntity:
    return ScispacyEntity(
        concept.id,
        concept.name,
        list(concept.synonyms),
        list(concept.types),
        concept.definition or None,
    )
