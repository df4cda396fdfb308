"""The character n-gram index written with little memory, however many names there are.

Names come in blocks. The (3-gram, name) pairs of a block are sorted and spooled to disk, while the
names that have each 3-gram are counted; then every pair has its place, and the blocks are read
again and put there.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from biopipe.kb.build.array_build import create_array
from biopipe.kb.grams import distinct, grams, idf
from biopipe.kb.groups import runs

__all__ = ["BLOCK_NAMES", "build_ngrams", "read_blocks"]

# A key is three UTF-16 units of a 3-gram above 16 bits of the name's place in its block.
BLOCK_NAMES = 1 << 16
_PLACE_BITS = np.uint64(16)
_PLACE_MASK = np.uint64(BLOCK_NAMES - 1)

_Block = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32], npt.NDArray[np.uint16]]


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
