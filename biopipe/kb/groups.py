"""Which stored names share one entry of an index, and from entries to the concepts they name."""

import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from biopipe.kb.arrays import open_array

__all__ = ["Hit", "Mask", "NameGroups", "group_by_hash", "save_groups"]

Mask = npt.NDArray[np.bool_]
_CACHED_MASKS = 16


class Hit(NamedTuple):
    """A concept found by one of its names: rows of the concept and name tables, and a cosine."""

    concept: int
    name: int
    score: float


def group_by_hash(
    hashes: npt.NDArray[np.uint64], rows: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Equal hashes as groups numbered by first occurrence: (which entries come first, offsets, rows by group).

    Two texts that share a 64-bit hash would become one; among 10 million that happens once in 400,000 builds.
    """
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    starts = np.ones(len(order), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=starts[1:])
    first = np.zeros(len(order), bool)
    first[order[starts]] = True
    numbers = np.cumsum(first, dtype=np.uint32) - np.uint32(1)
    group = numbers[order[starts]][np.cumsum(starts) - 1]
    by_group = np.argsort(group, kind="stable")
    sizes = np.bincount(group, minlength=int(first.sum()))
    return first, np.append(0, np.cumsum(sizes)).astype(np.uint32), rows[order][by_group]


def save_groups(directory: Path, offsets: npt.NDArray[np.uint32], rows: npt.NDArray[np.uint32]) -> None:
    """Write both arrays; rows `rows[offsets[i]:offsets[i + 1]]` of the name table share entry i."""
    np.save(directory / "name_offsets.npy", offsets)
    np.save(directory / "name_rows.npy", rows)


class NameGroups:
    """The names of each entry of an index.

    `concepts` and `kinds` go by row of the name table; `ranks` puts the kinds in order.
    """

    def __init__(
        self,
        directory: Path,
        concepts: npt.NDArray[np.uint32],
        kinds: npt.NDArray[np.int8],
        ranks: npt.NDArray[np.int8],
    ) -> None:
        self._offsets = open_array(directory / "name_offsets.npy")
        self._rows = open_array(directory / "name_rows.npy")
        self._concepts, self._kinds, self._ranks = concepts, kinds, ranks
        self._masks: dict[int, tuple[weakref.ref[Mask], Mask]] = {}

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def mask(self, allowed: Mask | None) -> Mask | None:
        """Which entries name an allowed concept; kept as long as the array `allowed` lives."""
        if allowed is None:
            return None
        known = self._masks.get(id(allowed))
        if known is not None and known[0]() is allowed:
            return known[1]
        mask: Mask = np.logical_or.reduceat(allowed[self._concepts[self._rows]], self._offsets[:-1])
        self._masks = {key: each for key, each in self._masks.items() if each[0]() is not None}
        while len(self._masks) >= _CACHED_MASKS:
            del self._masks[next(iter(self._masks))]
        self._masks[id(allowed)] = weakref.ref(allowed), mask
        return mask

    def hits(
        self, entries: Iterable[int], scores: Iterable[float], k: int, allowed: Mask | None
    ) -> list[Hit]:
        """The first `k` allowed concepts of entries sorted by score, at most one hit for each concept.

        Names of one entry are ordered by kind (preferred names first), then by row.
        """
        hits: dict[int, Hit] = {}
        for entry, score in zip(entries, scores, strict=True):
            rows = self._rows[self._offsets[entry] : self._offsets[entry + 1]]
            if allowed is not None:
                rows = rows[allowed[self._concepts[rows]]]
            if len(rows) > 1:
                rows = rows[np.argsort(self._ranks[self._kinds[rows]], kind="stable")]
            for row in rows.tolist():
                concept = int(self._concepts[row])
                if concept not in hits:
                    hits[concept] = Hit(concept, row, score)
                    if len(hits) == k:
                        return list(hits.values())
        return list(hits.values())
