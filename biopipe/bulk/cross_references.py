"""Ids that the concepts of mentions have in other systems, for the column `xrefs`."""

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from biopipe.errors import ConfigError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.near_values import near_values

__all__ = ["CrossReferences", "UsesKnowledgeBases"]

# Concepts come again and again in a corpus; each takes about half a kilobyte.
_REMEMBERED = 1 << 14


@runtime_checkable
class UsesKnowledgeBases(Protocol):
    """A predictor that gives concepts of knowledge bases: the linker, a dictionary."""

    @property
    def knowledge_bases(self) -> Sequence[KnowledgeBase]:
        """All its bases, opened."""
        ...


class CrossReferences:
    """Looks the concepts of mentions up in `bases`, and gives their ids of `systems`, such as
    ["MONDO", "OMIM"].

    Raises ConfigError for a system that no base has ids of.
    """

    def __init__(self, systems: Sequence[str], bases: Sequence[KnowledgeBase]) -> None:
        # Checked before the first document: a misspelt system would otherwise be a column of empty
        # lists.
        known_systems = {system: None for base in bases for system in base.manifest.systems}
        for system in systems:
            if not known_systems:
                raise ConfigError(
                    f"There are no ids of the system '{system}': no component of the pipeline has a "
                    "knowledge base with ids of several systems."
                )
            if system not in known_systems:
                raise ConfigError(
                    f"The knowledge bases of the pipeline have no ids of the system '{system}'; "
                    f"{near_values(system, list(known_systems))}."
                )
        self._places = {system: place for place, system in enumerate(systems)}
        self._bases = tuple(bases)
        self._remembered: dict[str, tuple[str, ...]] = {}

    def of(self, concept_ids: Iterable[str]) -> list[str]:
        """The ids of these concepts in the systems, in the order of these, each once; the given ids
        are among them where they are of one of the systems.
        """
        ids = dict.fromkeys(other for id_ in concept_ids for other in self._of_concept(id_))
        return sorted(ids, key=self._place)

    def _of_concept(self, concept_id: str) -> tuple[str, ...]:
        wanted_ids = self._remembered.get(concept_id)
        if wanted_ids is None:
            wanted_ids = tuple(id_ for id_ in self._all_ids(concept_id) if self._is_wanted(id_))
            if len(self._remembered) < _REMEMBERED:
                self._remembered[concept_id] = wanted_ids
        return wanted_ids

    def _all_ids(self, concept_id: str) -> tuple[str, ...]:
        for base in self._bases:
            if concept_id in base:
                concept = base.concept(concept_id)
                return (concept.id, *concept.xrefs)
        return (concept_id,)

    def _place(self, concept_id: str) -> int:
        return self._places[concept_id.partition(":")[0]]

    def _is_wanted(self, concept_id: str) -> bool:
        return concept_id.partition(":")[0] in self._places
