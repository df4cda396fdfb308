"""Which stored names share one entry of an index, and from entries to the concepts they name."""

import threading
import weakref
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from biopipe.kb.arrays import open_array

__all__ = ["Mask", "NameGroups", "NameHit", "runs"]

Mask = npt.NDArray[np.bool_]
_REMEMBERED_MASKS = 16


class NameHit(NamedTuple):
    """A concept found by one of its names: rows of the concept and name tables, and a cosine."""

    concept: int
    name: int
    score: float


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
        self, entries: npt.NDArray[Any], scores: npt.NDArray[Any], k: int, allowed: Mask | None
    ) -> list[NameHit]:
        """The first `k` allowed concepts of entries sorted by score, at most one hit for each
        concept. `entries`: (n,) integers; `scores`: (n,) floats; `allowed`: (concepts,) bool.

        Names of one entry are ordered by kind (preferred names first), then by row.
        """
        starts = self._offsets[entries].astype(np.int64)
        lengths = self._offsets[entries + 1] - starts
        rows = self._rows[runs(starts, lengths)]
        concepts, name_scores = self._concepts[rows], np.repeat(scores, lengths)
        if allowed is not None:
            kept = allowed[concepts]
            rows, concepts, name_scores = rows[kept], concepts[kept], name_scores[kept]
        hits: dict[int, NameHit] = {}
        for concept, row, score in zip(
            concepts.tolist(), rows.tolist(), name_scores.tolist(), strict=True
        ):
            if concept not in hits:
                hits[concept] = NameHit(concept, row, score)
                if len(hits) == k:
                    break
        return list(hits.values())
