"""Which stored names share one entry of an index, and from entries to the concepts they name."""

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from biopipe.kb.arrays import open_array

__all__ = ["Mask", "NameGroups", "NameHit", "NameHits", "runs"]

Mask = npt.NDArray[np.bool_]
_REMEMBERED_MASKS = 16
# Of a row of the concept table.
_ROW_BITS = np.uint64(32)


class NameHit(NamedTuple):
    """A concept found by one of its names: rows of the concept and name tables, and a cosine."""

    concept: int
    name: int
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class NameHits:
    """Hits of many queries as columns, all (hits,): sorted by query, of each the best first."""

    queries: npt.NDArray[np.int64]
    concepts: npt.NDArray[np.uint32]
    names: npt.NDArray[np.uint32]
    scores: npt.NDArray[np.floating[Any]]

    def counts(self, queries: int) -> npt.NDArray[np.int64]:
        """How many hits each of the queries, numbered from 0, has: (queries,)."""
        return np.bincount(self.queries, minlength=queries)

    def by_query(self, queries: int) -> list[list[NameHit]]:
        """The hits of each of the queries, numbered from 0."""
        hits: list[list[NameHit]] = [[] for _ in range(queries)]
        columns = (self.queries, self.concepts, self.names, self.scores)
        for query, *hit in zip(*(column.tolist() for column in columns), strict=True):
            hits[query].append(NameHit(*hit))
        return hits

    def of(self, queries: Sequence[int]) -> "NameHits":
        """The hits of some queries, which are numbered anew in that order; one may be there several
        times, and none has a negative number.
        """
        starts = self.queries.searchsorted(queries)
        lengths = self.queries.searchsorted(queries, side="right") - starts
        rows = runs(starts, lengths)
        numbers = np.repeat(np.arange(len(queries)), lengths)
        return NameHits(numbers, self.concepts[rows], self.names[rows], self.scores[rows])

    def where(self, kept: Mask, numbers: npt.NDArray[np.int64]) -> "NameHits":
        """The hits marked in `kept`, (hits,); query i gets the number `numbers[i]`."""
        return NameHits(
            numbers[self.queries[kept]], self.concepts[kept], self.names[kept], self.scores[kept]
        )

    @staticmethod
    def join(parts: Sequence["NameHits"]) -> "NameHits":
        """The hits of different queries in one table."""
        every = (_NO_HITS, *parts)
        columns = [
            np.concatenate([getattr(part, column.name) for part in every])
            for column in fields(NameHits)
        ]
        order = np.argsort(columns[0], kind="stable")
        return NameHits(*(column[order] for column in columns))


_NO_HITS = NameHits(
    np.zeros(0, np.int64),
    np.zeros(0, np.uint32),
    np.zeros(0, np.uint32),
    np.zeros(0, np.float32),
)


def runs(starts: npt.NDArray[Any], lengths: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """`lengths[i]` numbers from `starts[i]` on, one run after the other: (sum of lengths,) int64.

    `starts` and `lengths`: (n,) integers.
    """
    before = np.cumsum(lengths, dtype=np.int64) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum(dtype=np.int64)))


class NameGroups:
    """The names of each entry of an index; `concepts`: (names,) uint32, the concept of each row of
    the name table.

    Names `rows[offsets[i]:offsets[i + 1]]` share entry i; `offsets` (entries + 1,) and `rows` are
    uint32.
    """

    def __init__(self, directory: Path, concepts: npt.NDArray[np.uint32]) -> None:
        self._offsets: npt.NDArray[np.uint32] = open_array(directory / "name_offsets.npy")
        self._rows: npt.NDArray[np.uint32] = open_array(directory / "name_rows.npy")
        self._concepts = concepts
        self._masks: dict[int, tuple[weakref.ref[Mask], Mask]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def mask(self, allowed: Mask | None) -> Mask | None:
        """Which entries name an allowed concept, (entries,) bool, for `allowed`, (concepts,) bool;
        kept as long as the array `allowed` lives.
        """
        if allowed is None:
            return None
        known = self._masks.get(id(allowed))
        if known is not None and known[0]() is allowed:
            return known[1]
        mask: Mask = np.logical_or.reduceat(allowed[self._concepts[self._rows]], self._offsets[:-1])
        with self._lock:
            alive = [(key, pair) for key, pair in self._masks.items() if pair[0]() is not None]
            # Another dict, for other threads look into the one there is.
            self._masks = dict(alive[1 - _REMEMBERED_MASKS :]) | {
                id(allowed): (weakref.ref(allowed), mask)
            }
        return mask

    def hits(
        self,
        queries: npt.NDArray[np.int64],
        entries: npt.NDArray[Any],
        scores: npt.NDArray[Any],
        k: int,
        allowed: Mask | None,
    ) -> NameHits:
        """The first `k` allowed concepts of each query, at most one hit for each concept.

        `queries`, `entries`, `scores`: (n,) integers, integers and floats, sorted by query, of each
        by score; `allowed`: (concepts,) bool. Names of one entry are ordered by kind (preferred
        names first), then by row.
        """
        starts = self._offsets[entries].astype(np.int64)
        lengths = self._offsets[entries + 1] - starts
        rows = self._rows[runs(starts, lengths)]
        concepts = self._concepts[rows]
        queries, scores = np.repeat(queries, lengths), np.repeat(scores, lengths)
        if allowed is not None:
            kept = allowed[concepts]
            queries, concepts = queries[kept], concepts[kept]
            rows, scores = rows[kept], scores[kept]
        keys = (queries.astype(np.uint64) << _ROW_BITS) | concepts
        order = np.argsort(keys, kind="stable")
        is_first = np.ones(len(keys), bool)
        is_first[order[1:]] = keys[order[1:]] != keys[order[:-1]]
        first = np.flatnonzero(is_first)
        queries = queries[first]
        # Hits of one query before each one.
        before = np.arange(len(first)) - queries.searchsorted(queries)
        first, queries = first[before < k], queries[before < k]
        return NameHits(queries, concepts[first], rows[first], scores[first])
