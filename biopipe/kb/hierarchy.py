"""The is-a hierarchy of a knowledge base: ancestors of a concept, and how much a concept tells.

The information content is that of the hierarchy alone, 1 - log(1 + descendants) / log(concepts)
(Seco, Veale and Hayes, ECAI 2004): a leaf has 1, a concept above all others next to nothing.
"""

from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase

__all__ = ["Hierarchy"]

_Rows = npt.NDArray[np.int64]

# Concepts whose ancestors are collected at once; bounds the memory of counting descendants.
_BLOCK_CONCEPTS = 50_000
_REMEMBERED = 100_000


class Hierarchy:
    """Is-a edges by rows of the concept table, retired concepts replaced; opening one reads the
    edges.

    `ancestors(row)`: the sorted rows of the concept and of all above it, (n,) int64.
    KnowledgeBaseError when the files cannot be read.
    """

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        try:
            ids, replaced_by = kb.files.concepts["id"], kb.files.concepts["replaced_by"]
            self._replaced = _replacements(ids, replaced_by)
            self._starts, self._parents = self._parents_by_row(ids, kb.files.edges)
        except (pa.ArrowException, KeyError) as error:
            raise KnowledgeBaseError(
                f"The hierarchy of the knowledge base {kb.path} cannot be read ({error}); "
                "build it again."
            ) from error
        self.ancestors = lru_cache(maxsize=_REMEMBERED)(self._ancestors)

    def row(self, concept_id: str) -> int | None:
        """The row of the concept that is in use for an id; None when the base has none such."""
        row = self._kb.concept_row(concept_id)
        return None if row is None else int(self._replaced[row])

    def _ancestors(self, row: int) -> _Rows:
        # A cycle ends where it began.
        seen: set[int] = set()
        waiting = [row]
        while waiting:
            below = waiting.pop()
            if below not in seen:
                seen.add(below)
                parents = self._parents[self._starts[below] : self._starts[below + 1]]
                waiting.extend(parents.tolist())
        return np.array(sorted(seen), np.int64)

    def _parents_by_row(self, ids: pa.Array, edges: pa.Table) -> tuple[_Rows, _Rows]:
        """Parents of each row: `parents[starts[row] : starts[row + 1]]`."""
        edges = edges.filter(pc.equal(edges["relation"], "is-a"))
        children, parents = (
            pc.fill_null(pc.index_in(edges[name], value_set=ids), -1).to_numpy().astype(np.int64)
            for name in ("head", "tail")
        )
        both_here = (children >= 0) & (parents >= 0)
        children, parents = children[both_here], self._replaced[parents[both_here]]
        current = (self._replaced[children] == children) & (children != parents)
        order = np.argsort(children[current], kind="stable")
        counts = np.bincount(children[current], minlength=len(ids))
        return np.concatenate([[0], np.cumsum(counts)]), parents[current][order]

    @cached_property
    def information(self) -> npt.NDArray[np.float64]:
        """How much each concept tells, (concepts,) float64 within [0, 1]; the first time descendants
        are counted, which takes seconds.
        """
        size = len(self._replaced)
        descendants = np.zeros(size, np.int64)
        for start in range(0, size, _BLOCK_CONCEPTS):
            rows = np.arange(start, min(start + _BLOCK_CONCEPTS, size))
            descendants += self._counts_above(rows)
        concepts = max(int((self._replaced == np.arange(size)).sum()), 2)
        contents: npt.NDArray[np.float64] = np.clip(
            1.0 - np.log1p(descendants) / np.log(concepts), 0.0, 1.0
        )
        return contents

    def _counts_above(self, rows: _Rows) -> _Rows:
        """How many of `rows` lie below each concept: (concepts,) int64."""
        size = len(self._replaced)
        # A pair of a concept and one above it is one number, so that arrays of pairs can be joined.
        seen = fresh = rows * size + rows
        while len(fresh):
            low, high = fresh // size, fresh % size
            counts = self._starts[high + 1] - self._starts[high]
            ends = np.cumsum(counts)
            places = np.arange(counts.sum()) + np.repeat(
                self._starts[high] - (ends - counts), counts
            )
            reached = np.unique(np.repeat(low, counts) * size + self._parents[places])
            fresh = np.setdiff1d(reached, seen, assume_unique=True)
            seen = np.union1d(seen, fresh)
        return np.bincount(seen % size, minlength=size) - np.isin(np.arange(size), rows)


def _replacements(ids: pa.Array, replaced_by: pa.Array) -> _Rows:
    """The row that stands for each row now: (concepts,) int64; a cycle, or a replacement that is
    not there, leaves a row its own.
    """
    own = np.arange(len(ids), dtype=np.int64)
    successors = (
        pc.fill_null(pc.index_in(replaced_by, value_set=ids), -1).to_numpy().astype(np.int64)
    )
    following = np.where(successors >= 0, successors, own)
    final = following
    # Doubling the step each time, a chain of a million replacements takes twenty rounds.
    for _ in range(max(len(ids).bit_length(), 1)):
        final = final[final]
    return np.where(following[final] == final, final, own)
