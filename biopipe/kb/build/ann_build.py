"""Training and filling the approximate index of vectors (faiss IVF with 8-bit codes).

The index is as large as all vectors together, so it is never in memory: the list of each vector is
found first, then its code is written to its place in the file.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from biopipe.kb.build.array_build import array_pieces

__all__ = ["build_ann"]

_Floats = npt.NDArray[np.float32]
_Integers = npt.NDArray[np.int64]

# faiss asks for at least 39 vectors a list, and a few rounds of k-means are enough for lists.
_VECTORS_PER_LIST = 40
_KMEANS_ROUNDS = 8
# Bounds the memory of decoded vectors.
_ADDED_AT_ONCE = 65_536
# The fewest lists are visited that give this share of the true 20 nearest; 0.97 is promised.
_RECALL, _NEAREST = 0.985, 20
_TUNING_QUERIES = 128
# Bounds the pages of lists that are in memory while their vectors are compared with the queries.
_LISTS_AT_ONCE = 256
# What faiss writes after the header of an index without vectors: the kind of lists, their number
# and the size of a code, and that none of them has any.
_LISTS_MARK = b"ilar"
_BYTES_OF_NO_LISTS = 4 + 8 + 8 + 4 + 8
_ID_BYTES = 8


def build_ann(path: Path, codes: Path, scales: Path) -> str:
    """Write an index of the vectors `codes * scales` and say what it is; how many lists to visit is
    measured here.

    `codes`: a `.npy` of (vectors, dimension) int8; `scales`: one of (vectors,) float32.
    """
    generator = np.random.default_rng(0)
    vectors = len(np.load(scales, mmap_mode="r"))
    # As many lists as vectors in each: the usual balance of the two parts of a search.
    lists = int(np.sqrt(vectors))
    index = _trained(_drawn(codes, scales, _VECTORS_PER_LIST * lists, generator), lists)
    numbers = np.concatenate([_lists_of(index, part) for part in _decoded(codes, scales)])
    # The header states it, and it is written before the vectors are there.
    index.ntotal = vectors
    with path.open("wb") as file:
        lists_in_file = _ListsInFile(file, index, np.bincount(numbers, minlength=lists))
        first = 0
        for part in _decoded(codes, scales):
            lists_in_file.add(part, numbers[first : first + len(part)], first)
            first += len(part)
    index.nprobe = _lists_to_visit(path, _drawn(codes, scales, _TUNING_QUERIES, generator))
    with path.open("r+b") as file:
        file.write(_head(index))
    return f"faiss IVF{lists},SQ8, {index.nprobe} lists visited"


def _trained(sample: _Floats, lists: int) -> Any:
    import faiss

    dimension = sample.shape[1]
    index: Any = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension),
        dimension,
        lists,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.cp.niter = _KMEANS_ROUNDS
    # Vectors are units compared by their product, so are the centres of lists.
    index.cp.spherical = True
    index.train(sample)
    return index


def _drawn(codes: Path, scales: Path, count: int, generator: np.random.Generator) -> _Floats:
    """At most `count` vectors at random, in their order."""
    all_scales = np.load(scales, mmap_mode="r")
    rows = np.sort(generator.choice(len(all_scales), min(len(all_scales), count), replace=False))
    drawn: _Floats = np.load(codes, mmap_mode="r")[rows] * all_scales[rows, None]
    return drawn


def _decoded(codes: Path, scales: Path) -> Iterator[_Floats]:
    for part, lengths in zip(
        array_pieces(codes, _ADDED_AT_ONCE), array_pieces(scales, _ADDED_AT_ONCE), strict=True
    ):
        yield part.astype(np.float32) * lengths[:, None]


def _lists_of(index: Any, vectors: _Floats) -> _Integers:
    numbers: _Integers = index.quantizer.search(vectors, 1)[1][:, 0]
    return numbers


def _head(index: Any) -> bytes:
    """The file of an index up to its lists."""
    import faiss

    whole: bytes = faiss.serialize_index(index).tobytes()
    head, lists = whole[:-_BYTES_OF_NO_LISTS], whole[-_BYTES_OF_NO_LISTS:]
    if not lists.startswith(_LISTS_MARK):
        raise RuntimeError(f"faiss {faiss.__version__} writes lists in another way than this knows")
    return head


class _ListsInFile:
    """The lists of an index in an open file, each its codes and then the ids of its vectors;
    `sizes`: (lists,) int64, how many vectors each will have.
    """

    def __init__(self, file: BinaryIO, index: Any, sizes: _Integers) -> None:
        self._file, self._index, self._sizes = file, index, sizes
        file.write(_head(index))
        file.write(_LISTS_MARK + np.array([index.nlist, index.code_size], np.uint64).tobytes())
        file.write(b"full" + np.append(len(sizes), sizes).astype(np.uint64).tobytes())
        file.flush()
        lengths = sizes * (index.code_size + _ID_BYTES)
        ends = file.tell() + np.cumsum(lengths)
        self._starts, self._filled = ends - lengths, np.zeros(len(sizes), np.int64)
        # A full disk is said now, not while the lists are filled.
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, int(ends[-1]))

    def add(self, vectors: _Floats, numbers: _Integers, first: int) -> None:
        """Write vectors from id `first` on to the lists with these numbers, (n,) int64."""
        # By list, so that each list is written once a part and in the order of ids.
        order = np.argsort(numbers, kind="stable")
        codes = self._encode(vectors[order], numbers[order])
        ids = (order + first).astype(np.int64)
        own, begins = np.unique(numbers[order], return_index=True)
        for number, begin, end in zip(
            own.tolist(), begins.tolist(), [*begins[1:].tolist(), len(order)], strict=True
        ):
            filled, size = int(self._filled[number]), int(self._index.code_size)
            start = int(self._starts[number])
            ids_start = start + int(self._sizes[number]) * size
            self._write(codes[begin:end], start + filled * size)
            self._write(ids[begin:end], ids_start + filled * _ID_BYTES)
            self._filled[number] += end - begin

    def _encode(self, vectors: _Floats, numbers: _Integers) -> npt.NDArray[np.uint8]:
        import faiss

        vectors, numbers = np.ascontiguousarray(vectors), np.ascontiguousarray(numbers)
        codes = np.empty((len(vectors), self._index.code_size), np.uint8)
        pointers = [faiss.swig_ptr(array) for array in (vectors, numbers, codes)]
        self._index.encode_vectors(len(vectors), *pointers, False)
        return codes

    def _write(self, array: npt.NDArray[Any], place: int) -> None:
        self._file.seek(place)
        self._file.write(array.tobytes())


def _lists_to_visit(path: Path, queries: _Floats) -> int:
    true = _true_nearest(path, queries)
    index = _mapped(path)
    for probe in _doubling(index.nlist):
        index.nprobe = probe
        visited = index.search(queries, _NEAREST)[1]
        shared = sum(len(np.intersect1d(a, b)) for a, b in zip(true, visited, strict=True))
        if shared >= _RECALL * true.size:
            return probe
    return int(index.nlist)


def _true_nearest(path: Path, queries: _Floats) -> _Integers:
    """The ids of the nearest vectors in all lists: (queries, _NEAREST) int64."""
    index = _mapped(path)
    nearness = queries @ index.quantizer.reconstruct_n(0, index.nlist).T
    scores: _Floats = np.empty((len(queries), 0), np.float32)
    ids: _Integers = np.empty((len(queries), 0), np.int64)
    for first in range(0, index.nlist, _LISTS_AT_ONCE):
        # What is mapped anew holds no pages of the lists before.
        index = _mapped(path)
        some = np.arange(first, min(first + _LISTS_AT_ONCE, index.nlist))
        index.nprobe = len(some)
        new_scores, new_ids = index.search_preassigned(
            queries,
            _NEAREST,
            np.tile(some, (len(queries), 1)),
            np.ascontiguousarray(nearness[:, some]),
        )
        scores, ids = np.hstack([scores, new_scores]), np.hstack([ids, new_ids])
        best = np.argsort(-scores, axis=1, kind="stable")[:, :_NEAREST]
        scores = np.take_along_axis(scores, best, axis=1)
        ids = np.take_along_axis(ids, best, axis=1)
    return ids


def _mapped(path: Path) -> Any:
    import faiss

    return faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)


def _doubling(most: int) -> Iterator[int]:
    probe = 4
    while probe < most:
        yield probe
        # By halves: doubling could visit nearly twice the lists that are needed.
        probe = probe * 3 // 2
