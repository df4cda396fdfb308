"""Which concepts of a knowledge base the mentions of a label may mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import ConfigError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.groups import Mask
from biopipe.kinds.registry import KIND_CONCEPT_TYPES, concept_types_of

__all__ = ["IN_SECTION", "ConceptFilters", "ConceptSelection", "filters_by_section"]

IN_SECTION = "@"
"""Stands between a mention label and the category of a section: "Chemical@allergies"."""


@dataclass(frozen=True, slots=True)
class ConceptFilters:
    """What the concepts of one mention label must be; applied before anything is ranked."""

    types: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None
    branches: tuple[str, ...] | None = None


def filters_by_section(
    types: Mapping[str, Sequence[str]],
    sources: Mapping[str, Sequence[str]],
    branches: Mapping[str, Sequence[str]],
) -> dict[str, dict[str, ConceptFilters]]:
    """Filters by section and label from three mappings, where "" stands for any other of each.

    A key of a mapping is a label, "" for any other; LABEL@SECTION is for mentions in sections of
    that category alone, and @SECTION for all of these that have no filter of their own. In a
    section the order is LABEL@SECTION, @SECTION, LABEL, "". ConfigError for a key without a section
    behind its "@".
    """
    values = (types, sources, branches)
    keys = [key.partition(IN_SECTION) for mapping in values for key in mapping]
    for label, mark, section in keys:
        if mark and not section:
            raise ConfigError(
                f"The filter '{label}{mark}' names no section; give one behind the "
                f"'{IN_SECTION}', such as '{label}{IN_SECTION}allergies', or the label alone."
            )
    labels = {"", *(label for label, _, _ in keys)}
    return {
        section: {
            label: ConceptFilters(*(_of_mapping(each, label, section) for each in values))
            for label in labels
        }
        for section in {"", *(section for _, _, section in keys)}
    }


def _of_mapping(
    values: Mapping[str, Sequence[str]], label: str, section: str
) -> tuple[str, ...] | None:
    in_section = [f"{label}{IN_SECTION}{section}", f"{IN_SECTION}{section}"] if section else []
    return next((tuple(values[key]) for key in (*in_section, label, "") if key in values), None)


class ConceptSelection:
    """The concepts of one base that filters leave to the mentions of each label."""

    def __init__(self, kb: KnowledgeBase, filters: Mapping[str, ConceptFilters]) -> None:
        self._kb = kb
        self._filters = filters
        self._types: dict[str, tuple[str, ...] | None] = {}
        self._masks: dict[str, Mask | None] = {}

    def types(self, label: str) -> tuple[str, ...] | None:
        """The types a label may mean, the likeliest first, those of them that the base has; None
        for any type, () where the base has none of them.
        """
        if label not in self._types:
            self._types[label] = self._find_types(label)
        return self._types[label]

    def mask(self, label: str) -> Mask | None:
        """Which concepts a label may mean, by row; None for all. Not for a label of no types."""
        if label not in self._masks:
            filters = self._of(label)
            self._masks[label] = self._kb.select(
                types=self.types(label), sources=filters.sources, branches=filters.branches
            )
        return self._masks[label]

    def row(self, label: str, concept_id: str) -> int | None:
        """The row of the concept that is in use for an id, if the base has it and the label may
        mean it.
        """
        canonical = self._kb.canonical(concept_id)
        row = None if canonical is None else self._kb.concept_row(canonical)
        mask = self.mask(label)
        return row if row is None or mask is None or mask[row] else None

    def type_ranks(self, label: str, concepts: NDArray[np.int64]) -> NDArray[np.int64]:
        """The place of each concept's type among those of the label, 0 for the likeliest.

        `concepts`: (n,) rows that the label may mean; the answer is (n,) too.
        """
        ranks = np.zeros(len(concepts), np.int64)
        types = self.types(label) or ()
        # The first type that a concept has counts, so the likeliest is written last.
        for rank in reversed(range(len(types) if len(types) > 1 else 0)):
            mask = self._kb.select(types=(types[rank],))
            if mask is not None:
                ranks[mask[concepts]] = rank
        return ranks

    def _find_types(self, label: str) -> tuple[str, ...] | None:
        types = self._of(label).types
        if types is not None:
            return types
        # A knowledge base with types of its own (semantic types, namespaces) cannot be asked for
        # ours.
        if KIND_CONCEPT_TYPES.isdisjoint(self._kb.types):
            return None
        return tuple(type_ for type_ in concept_types_of(label) if type_ in self._kb.types)

    def _of(self, label: str) -> ConceptFilters:
        return self._filters.get(label, self._filters.get("", ConceptFilters()))
