"""Which concepts a SNOMED CT release has: active ones, their is-a hierarchy, and what replaced the
others.
"""

from array import array
from collections.abc import Collection, Iterable, Mapping

import numpy as np
import numpy.typing as npt

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.known import require_known
from biopipe.kb.build.sources.rf2 import Release, rf2_rows

__all__ = ["SnomedHierarchy", "read_concepts", "read_hierarchy", "read_replaced", "snomed_branches"]

_IS_A = 116680003
# Historical associations that keep the meaning, the surest first; POSSIBLY EQUIVALENT TO, WAS A and
# the like do not.
_SAME_MEANING = (900000000000527005, 900000000000526001)


class SnomedHierarchy:
    """Active is-a relationships, each as the row of a child and a parent."""

    def __init__(self, children: npt.NDArray[np.int64], parents: npt.NDArray[np.int64]) -> None:
        order = np.lexsort([parents, children])
        self._children, self._parents = children[order], parents[order]
        self._downward = np.lexsort([self._children, self._parents])
        self._heads = self._parents[self._downward]

    def parents(self, concept: int) -> list[int]:
        """Parents of a concept by ascending id."""
        first, end = np.searchsorted(self._children, [concept, concept + 1])
        return list(dict.fromkeys(self._parents[first:end].tolist()))

    def below(self, concepts: Iterable[int]) -> set[int]:
        """These concepts and all their descendants; cycles end."""
        below = set(concepts)
        waiting = list(below)
        while waiting:
            concept = waiting.pop()
            first, end = np.searchsorted(self._heads, [concept, concept + 1])
            new = set(self._children[self._downward[first:end]].tolist()) - below
            below |= new
            waiting += new
        return below


def read_concepts(release: Release, modules: Collection[str] = ()) -> tuple[set[int], set[int]]:
    """(active concepts, those of them in `modules`); KnowledgeBaseError for an unknown module."""
    active, in_modules, known = set[int](), set[int](), set[int]()
    wanted = {int(module) for module in modules if module.isdecimal()}
    for (concept, module), _ in rf2_rows(release.of("Concept"), ("id", "moduleId")):
        active.add(concept)
        known.add(module)
        if not wanted or module in wanted:
            in_modules.add(concept)
    require_known(modules, {str(module) for module in known}, what="module", where=release.folder)
    return active, in_modules


def read_hierarchy(release: Release) -> SnomedHierarchy:
    """The inferred is-a relationships."""
    children, parents = array("q"), array("q")
    for (child, parent, type_), _ in rf2_rows(
        release.of("Relationship"), ("sourceId", "destinationId", "typeId")
    ):
        if type_ == _IS_A:
            children.append(child)
            parents.append(parent)
    return SnomedHierarchy(np.frombuffer(children, np.int64), np.frombuffer(parents, np.int64))


def read_replaced(release: Release, active: Collection[int]) -> dict[int, int]:
    """Inactive concepts and the active one that has their meaning now, over several steps where
    need be.
    """
    steps: dict[int, tuple[int, int]] = {}
    ids = ("refsetId", "referencedComponentId", "targetComponentId")
    for (association, old, new), _ in rf2_rows(release.of("Association"), ids):
        if association in _SAME_MEANING and old not in active:
            place = _SAME_MEANING.index(association)
            # The surest association, and of several such the lowest id: the order of rows means
            # nothing.
            steps[old] = min((place, new), steps.get(old, (place, new)))
    successors = {old: new for old, (_, new) in steps.items()}
    return {old: last for old in successors if (last := _last(old, successors)) in active}


def _last(concept: int, successors: Mapping[int, int]) -> int:
    seen = set[int]()
    while concept in successors and concept not in seen:
        seen.add(concept)
        concept = successors[concept]
    return concept


def snomed_branches(
    branches: Iterable[str],
    hierarchy: SnomedHierarchy,
    active: Collection[int],
    replaced: Mapping[int, int],
) -> set[int]:
    """The branches, ids with or without the prefix SNOMEDCT:, and all below them;
    KnowledgeBaseError for an unknown.
    """
    heads = []
    for branch in branches:
        id_ = branch.strip().removeprefix("SNOMEDCT:")
        number = int(id_) if id_.isdecimal() else 0
        head = replaced.get(number, number)
        if head not in active:
            raise KnowledgeBaseError(
                f"There is no active concept '{branch}' in the release; give ids such as 404684003 "
                "(Clinical finding)."
            )
        heads.append(head)
    return hierarchy.below(heads)
