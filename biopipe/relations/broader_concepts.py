"""Which concepts of a text are broader than which, by the is-a edges of a knowledge base."""

import warnings
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import ExtraMissing
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import DEFAULT, open_base
from biopipe.kb.hierarchy import Hierarchy

__all__ = ["BroaderConcepts"]


class BroaderConcepts:
    """By the hierarchy of `base` (a directory, an open one, or "default"), which opens at first use,
    so that this can be passed to other processes. With `optional`, a base that wants a package which
    is not installed knows nothing, with a warning.
    """

    def __init__(
        self, base: KnowledgeBase | str | Path = DEFAULT, *, optional: bool = False
    ) -> None:
        self._source, self._optional = base, optional

    def __getstate__(self) -> dict[str, object]:
        return {"_source": self._source, "_optional": self._optional}

    @cached_property
    def _base(self) -> KnowledgeBase | None:
        try:
            return open_base(self._source)
        except ExtraMissing as error:
            if not self._optional:
                raise
            warnings.warn(
                "The relation model is not told which concepts are broader than others, and finds "
                f"less: {error}",
                stacklevel=2,
            )
            return None

    @cached_property
    def _hierarchy(self) -> Hierarchy | None:
        return None if self._base is None else Hierarchy(self._base)

    def own_id(self, concept_id: str) -> str:
        """The id under which the base shows the concept that an id of any system means; an id that
        it does not know stays as it is.
        """
        return concept_id if self._base is None else self._base.canonical(concept_id) or concept_id

    def of(self, ids: Sequence[str]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Of concepts by id: whether the first is broader than the second, (concepts, concepts)
        bool, and how many concepts of the base are above each, (concepts,) int64; an id that the
        base does not know has nothing above it.
        """
        broader = np.zeros((len(ids), len(ids)), dtype=np.bool_)
        above = np.zeros(len(ids), dtype=np.int64)
        if (hierarchy := self._hierarchy) is None:
            return broader, above
        places: dict[int, list[int]] = {}
        for place, concept_id in enumerate(ids):
            row = hierarchy.row(concept_id)
            if row is not None:
                places.setdefault(row, []).append(place)
        for row, own in places.items():
            ancestors = {*hierarchy.ancestors(row).tolist()} - {row}
            above[own] = len(ancestors)
            for other in ancestors & places.keys():
                broader[np.ix_(places[other], own)] = True
        return broader, above
