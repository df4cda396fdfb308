"""Training and filling the approximate index of vectors (faiss IVF with 8-bit codes)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["build_ann"]

_Floats = npt.NDArray[np.float32]
_Codes = npt.NDArray[np.int8]

# faiss asks for at least 39 vectors a list, and a few rounds of k-means are enough for lists.
_VECTORS_PER_LIST = 40
_KMEANS_ROUNDS = 8
# Bounds the memory of decoded vectors.
_ADDED_AT_ONCE = 65_536
# The fewest lists are visited that give this share of the true 20 nearest; 0.97 is promised.
_RECALL, _NEAREST = 0.985, 20
_TUNING_QUERIES = 128


def build_ann(path: Path, codes: _Codes, scales: _Floats) -> str:
    """Write an index of the vectors `codes * scales` and say what it is; how many lists to visit is
    measured here.

    `codes`: (vectors, dimension) int8; `scales`: (vectors,) float32.
    """
    import faiss

    generator = np.random.default_rng(0)
    lists = int(np.sqrt(len(codes)))
    dimension = codes.shape[1]
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension),
        dimension,
        lists,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.cp.niter = _KMEANS_ROUNDS
    index.cp.spherical = True
    sample = np.sort(
        generator.choice(len(codes), min(len(codes), _VECTORS_PER_LIST * lists), replace=False)
    )
    index.train(_decoded(codes[sample], scales[sample]))
    for first in range(0, len(codes), _ADDED_AT_ONCE):
        end = first + _ADDED_AT_ONCE
        index.add(_decoded(codes[first:end], scales[first:end]))
    tuned = np.sort(generator.choice(len(codes), min(len(codes), _TUNING_QUERIES), replace=False))
    index.nprobe = _lists_to_visit(index, _decoded(codes[tuned], scales[tuned]))
    faiss.write_index(index, str(path))
    return f"faiss IVF{lists},SQ8, {index.nprobe} lists visited"


def _decoded(codes: _Codes, scales: _Floats) -> _Floats:
    decoded: _Floats = codes.astype(np.float32) * scales[:, None]
    return decoded


def _lists_to_visit(index: Any, queries: _Floats) -> int:
    index.nprobe = index.nlist
    true = index.search(queries, _NEAREST)[1]
    for probe in _doubling(index.nlist):
        index.nprobe = probe
        visited = index.search(queries, _NEAREST)[1]
        shared = sum(len(np.intersect1d(a, b)) for a, b in zip(true, visited, strict=True))
        if shared >= _RECALL * true.size:
            return probe
    return int(index.nlist)


def _doubling(most: int) -> Iterator[int]:
    probe = 4
    while probe < most:
        yield probe
        probe = probe * 3 // 2
