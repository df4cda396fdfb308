"""Names by their vectors: what a bi-encoder makes of them, stored as bytes and searched by cosine.

Equal texts are encoded once. A homonym, one name of several concepts, is encoded with what tells
them apart: "name (preferred name)", after BELHD (Garda and Leser 2024).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.ann import AnnIndex, build_ann
from biopipe.kb.arrays import create_array, open_array
from biopipe.kb.groups import Hit, Mask, NameGroups

__all__ = ["EXACT_UP_TO", "DenseIndex", "NameEncoder", "build_dense", "homonym_text"]

EXACT_UP_TO = 500_000
_ANN, _CODES, _SCALES = "vectors.faiss", "vectors.npy", "scales.npy"
_LARGEST = 127
_BLOCK_VECTORS = 8192

_Floats = npt.NDArray[np.float32]


class NameEncoder(Protocol):
    """Turns names into unit vectors; vectors of encoders with different hashes are never
    compared.
    """

    @property
    def name(self) -> str: ...

    @property
    def hash(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def encode(self, names: Sequence[str]) -> _Floats:
        """Rows of length 1, (len(names), dimension)."""


def homonym_text(name: str, preferred: str, types: Sequence[str], *, same: bool) -> str:
    """What is encoded for a homonym; `same`: the name is its concept's preferred name, so its first
    type is told.
    """
    told = (types[0] if types else "") if same else preferred
    return f"{name} ({told})" if told else name


def build_dense(
    directory: Path,
    blocks: Iterable[list[str]],
    texts: int,
    encoder: NameEncoder,
    progress: Callable[[int], None],
    *,
    exact_up_to: int = EXACT_UP_TO,
) -> str:
    """Write the vectors of `texts` texts to `directory` and say how; `progress` gets the number of
    texts done.

    Up to `exact_up_to` vectors are compared one by one when they are searched, more get an
    approximate index.
    """
    codes = create_array(directory / _CODES, np.int8, (texts, encoder.dimension))
    scales = create_array(directory / _SCALES, np.float32, (texts,))
    done = 0
    for block in blocks:
        vectors = np.asarray(encoder.encode(block), np.float32)
        if vectors.shape != (len(block), encoder.dimension) or not np.isfinite(vectors).all():
            raise KnowledgeBaseError(
                f"The encoder {encoder.name} gave an array {vectors.shape} for {len(block)} names, or numbers "
                f"that are not finite; it should give ({len(block)}, {encoder.dimension}) finite numbers."
            )
        end = done + len(block)
        codes[done:end], scales[done:end] = _quantised(vectors)
        done = end
        progress(done)
    if texts <= exact_up_to:
        return "int8, compared exactly"
    kind = build_ann(directory / _ANN, codes, scales)
    for name in (_CODES, _SCALES):
        (directory / name).unlink()
    return kind


def _quantised(vectors: _Floats) -> tuple[npt.NDArray[np.int8], _Floats]:
    """Bytes, and what to multiply their dot product with a unit vector by to have a cosine."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    codes = np.rint(vectors * (_LARGEST / np.maximum(largest, 1e-12))).astype(np.int8)
    lengths = np.sqrt(np.square(codes, dtype=np.float32).sum(axis=1))
    return codes, 1 / np.maximum(lengths, 1).astype(np.float32)


class DenseIndex:
    """The vectors in `directory`."""

    def __init__(self, directory: Path, groups: NameGroups) -> None:
        self._groups = groups
        ann = directory / _ANN
        self._vectors = AnnIndex(ann) if ann.is_file() else _ExactIndex(directory)

    def search(self, vectors: _Floats, k: int, allowed: Mask | None = None) -> list[list[Hit]]:
        """For each vector (unit rows, (n, dimension)) the `k` allowed concepts with the most
        similar names.
        """
        queries = np.ascontiguousarray(vectors, np.float32)
        if queries.ndim != 2 or queries.shape[1] != self._vectors.dimension:
            raise KnowledgeBaseError(
                f"Vectors of shape {queries.shape} cannot be compared with those of a knowledge base that have "
                f"dimension {self._vectors.dimension}; encode them with its own encoder, or build it again."
            )
        mask = self._groups.mask(allowed)
        found: list[list[Hit]] = [[] for _ in queries]
        pending, count = np.arange(len(queries)), 2 * k
        while len(pending):
            entries, scores = self._vectors.nearest(queries[pending], count, mask)
            short = []
            for query, row, score in zip(pending.tolist(), entries, scores, strict=True):
                real = score > -np.inf
                hits = self._groups.hits(row[real], score[real], k, allowed)
                found[query] = hits
                short.append(len(hits) < k and real.all() and count < len(self._vectors))
            pending, count = pending[short], 4 * count
        return found


class _ExactIndex:
    """Bytes, turned into numbers a block at a time and compared with all queries."""

    def __init__(self, directory: Path) -> None:
        self._codes: npt.NDArray[np.int8] = open_array(directory / _CODES)
        self._scales: _Floats = open_array(directory / _SCALES)

    def __len__(self) -> int:
        return len(self._codes)

    @property
    def dimension(self) -> int:
        return int(self._codes.shape[1])

    def nearest(
        self, queries: _Floats, count: int, mask: Mask | None
    ) -> tuple[npt.NDArray[np.int64], _Floats]:
        """The best `count` entries of each query and their cosines, both (n, count); -inf where
        there are fewer.
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
