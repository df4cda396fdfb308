"""Names by their vectors: what a bi-encoder makes of them, stored as bytes and searched by cosine
(see `biopipe.kb.build.dense_build`).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.ann import AnnIndex
from biopipe.kb.arrays import open_array
from biopipe.kb.groups import Mask, NameGroups, NameHits

__all__ = ["ANN_FILE", "CODES_FILE", "SCALES_FILE", "DenseIndex"]

ANN_FILE, CODES_FILE, SCALES_FILE = "vectors.faiss", "vectors.npy", "scales.npy"
# Vectors that are numbers of double precision at a time: 25 MB of 384 dimensions.
_BLOCK_VECTORS = 8192

_Floats = npt.NDArray[np.float32]


class DenseIndex:
    """The vectors in `directory`."""

    def __init__(self, directory: Path, groups: NameGroups) -> None:
        self._groups = groups
        ann = directory / ANN_FILE
        self._vectors = AnnIndex(ann) if ann.is_file() else _ExactIndex(directory)

    def search(self, vectors: _Floats, k: int, allowed: Mask | None = None) -> NameHits:
        """For each vector (unit rows, (n, dimension)) the `k` allowed concepts with the most
        similar names.

        KnowledgeBaseError for vectors of another dimension.
        """
        queries = np.ascontiguousarray(vectors, np.float32)
        if queries.ndim != 2 or queries.shape[1] != self._vectors.dimension:
            raise KnowledgeBaseError(
                f"Vectors of shape {queries.shape} cannot be compared with those of a knowledge "
                "base "
                f"that have dimension {self._vectors.dimension}; encode them with its own encoder, "
                "or build it again."
            )
        mask = self._groups.mask(allowed)
        parts: list[NameHits] = []
        pending, count = np.arange(len(queries)), 2 * k
        while len(pending):
            entries, scores = self._vectors.nearest(queries[pending], count, mask)
            real = scores > -np.inf
            asked = np.repeat(np.arange(len(pending)), real.sum(axis=1))
            hits = self._groups.hits(asked, entries[real], scores[real], k, allowed)
            short = (hits.counts(len(pending)) < k) & real.all(axis=1)
            short &= count < len(self._vectors)
            parts.append(hits.where(~short[hits.queries], pending))
            pending, count = pending[short], 4 * count
        return NameHits.join(parts)


class _ExactIndex:
    """Bytes, turned into numbers a block at a time and compared with all queries."""

    def __init__(self, directory: Path) -> None:
        self._codes: npt.NDArray[np.int8] = open_array(directory / CODES_FILE)
        self._scales: _Floats = open_array(directory / SCALES_FILE)

    def __len__(self) -> int:
        return len(self._codes)

    @property
    def dimension(self) -> int:
        return int(self._codes.shape[1])

    def nearest(
        self, queries: _Floats, count: int, mask: Mask | None
    ) -> tuple[npt.NDArray[np.int64], _Floats]:
        """The best `count` entries of each query and their cosines: (n, count) int64 and float32,
        -inf where there are fewer.

        `queries`: (n, dimension) float32, unit rows; `mask`: (entries,) bool, None for all.
        """
        # BLAS sums in another order for other numbers of queries: in double precision that is gone
        # after rounding.
        exact = queries.astype(np.float64)
        best = np.full((len(queries), count), -np.inf, np.float32)
        entries = np.zeros((len(queries), count), np.int64)
        for rows, codes in self._blocks(mask):
            scores = (exact @ codes.astype(np.float64).T).astype(np.float32)
            scores *= self._scales[rows]
            better = np.flatnonzero(scores.max(axis=1) > best.min(axis=1))
            if not len(better):
                continue
            every = np.concatenate([best[better], scores[better]], axis=1)
            numbers = np.concatenate(
                [entries[better], np.broadcast_to(rows, (len(better), len(rows)))], axis=1
            )
            kept = np.argpartition(-every, count - 1, axis=1)[:, :count]
            best[better] = np.take_along_axis(every, kept, axis=1)
            entries[better] = np.take_along_axis(numbers, kept, axis=1)
        order = np.lexsort((entries, -best), axis=1)
        return np.take_along_axis(entries, order, axis=1), np.take_along_axis(best, order, axis=1)

    def _blocks(
        self, mask: Mask | None
    ) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int8]]]:
        for first in range(0, len(self._codes), _BLOCK_VECTORS):
            rows = np.arange(first, min(first + _BLOCK_VECTORS, len(self._codes)))
            if mask is not None:
                rows = rows[mask[rows]]
                if not len(rows):
                    continue
                yield rows, self._codes[rows]
            else:
                yield rows, self._codes[first : first + len(rows)]
