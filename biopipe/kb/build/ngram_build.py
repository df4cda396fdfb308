"""The character n-gram index written with little memory, however many names there are.

Names come in blocks. The (3-gram, name) pairs of a block are sorted and spooled to disk, while the
names that have each 3-gram are counted; then every pair has its place, and the blocks are read
again and put there.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt

from biopipe.kb.arrays import create_array
from biopipe.kb.groups import runs

__all__ = ["BLOCK_NAMES", "build_ngrams", "distinct", "grams", "idf", "read_blocks"]

# A key is three UTF-16 units of a 3-gram above 16 bits of the name's place in its block.
BLOCK_NAMES = 1 << 16
_PLACE_BITS = np.uint64(16)
_PLACE_MASK = np.uint64(BLOCK_NAMES - 1)
_SEPARATORS = np.array([ord(" "), ord("\n")], np.uint64)

_Number = TypeVar("_Number", bound=np.generic)
_Block = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32], npt.NDArray[np.uint16]]


def grams(text: str) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """The 3-grams of lines of text and the line of each: every letter with its neighbours, or a
    mark at word ends.

    So "factor 8" gives " fa", "fac", "act", "cto", "tor", "or ", " 8 ". As in scikit-learn's
    "char_wb", which scispaCy's candidate generator uses (Neumann et al. 2019), no 3-gram spans
    words and word order plays no part.
    """
    units = np.frombuffer(f" {text} ".encode("utf-16-le", "replace"), np.uint16).astype(np.uint64)
    lines = np.cumsum(units == _SEPARATORS[1], dtype=np.uint64)
    inside = units[1:-1] > _SEPARATORS[0]
    np.maximum(units, _SEPARATORS[0], out=units)
    codes = (units[:-2] << np.uint64(32)) | (units[1:-1] << np.uint64(16)) | units[2:]
    return codes[inside], lines[1:-1][inside]


def distinct(values: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """Sorted values without repetitions; np.unique hashes them, which takes many times as long."""
    starts = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=starts[1:])
    return values[starts]


def idf(names: int, having: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Smoothed inverse document frequency, as scikit-learn's: never zero."""
    return np.log((1 + names) / (1 + having)) + 1


def build_ngrams(
    directory: Path, blocks: Iterable[list[str]], names: int, progress: Callable[[int], None]
) -> None:
    """Write `grams`, `offsets`, `postings` and `norms` of `names` normalised names to `directory`.

    All blocks but the last have BLOCK_NAMES names. `progress` gets the number of names done.
    """
    spool = directory / "blocks.spool"
    with spool.open("wb") as file:
        vocabulary, having = _count(blocks, file, progress)
    offsets = np.append(0, np.cumsum(having))
    np.save(directory / "grams.npy", vocabulary)
    np.save(directory / "offsets.npy", offsets)
    postings = create_array(directory / "postings.npy", np.uint32, (int(offsets[-1]),))
    norms = create_array(directory / "norms.npy", np.float32, (names,))
    squares = idf(names, having) ** 2
    cursor = offsets[:-1].copy()
    with spool.open("rb") as file:
        for first in range(0, names, BLOCK_NAMES):
            codes, counts, places = (np.load(file) for _ in range(3))
            ids = vocabulary.searchsorted(codes)
            postings[runs(cursor[ids], counts)] = places.astype(np.uint32) + np.uint32(first)
            cursor[ids] += counts
            size = min(BLOCK_NAMES, names - first)
            norms[first : first + size] = np.sqrt(
                np.bincount(places, np.repeat(squares[ids], counts), size)
            )
    spool.unlink()


def _count(
    blocks: Iterable[list[str]], file: BinaryIO, progress: Callable[[int], None]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    vocabulary, having, done = np.empty(0, np.uint64), np.empty(0, np.int64), 0
    for block in blocks:
        codes, counts, places = _sorted_block(block)
        for array in (codes, counts, places):
            np.save(file, array)
        joined = np.union1d(vocabulary, codes)
        total = np.zeros(len(joined), np.int64)
        total[joined.searchsorted(vocabulary)] = having
        total[joined.searchsorted(codes)] += counts
        vocabulary, having, done = joined, total, done + len(block)
        progress(done)
    return vocabulary, having


def _sorted_block(block: list[str]) -> _Block:
    """The 3-grams of a block in order, in how many names each is, and in which."""
    codes, lines = grams("\n".join(block))
    keys = distinct(np.sort((codes << _PLACE_BITS) | lines))
    of_key = keys >> _PLACE_BITS
    starts = np.flatnonzero(np.append(True, of_key[1:] != of_key[:-1]))
    counts = np.diff(np.append(starts, len(keys))).astype(np.uint32)
    return of_key[starts], counts, (keys & _PLACE_MASK).astype(np.uint16)


def read_blocks(path: Path, wanted: npt.NDArray[np.bool_]) -> Iterator[list[str]]:
    """The wanted lines of a file, BLOCK_NAMES at a time."""
    block: list[str] = []
    with path.open(encoding="utf-8", newline="\n") as file:
        for line, want in zip(file, wanted, strict=True):
            if want:
                block.append(line[:-1])
                if len(block) == BLOCK_NAMES:
                    yield block
                    block = []
    if block:
        yield block
