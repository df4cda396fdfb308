"""The n-gram and vector indexes of a build: which texts they hold, and which stored names each text
stands for.
"""

from collections.abc import Callable, Iterator
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from biopipe.kb.arrays import open_batch, view
from biopipe.kb.build.dense_build import NameEncoder, build_dense, homonym_text
from biopipe.kb.build.group_build import group_by_hash, save_groups
from biopipe.kb.build.indexed_names import IndexedNames
from biopipe.kb.build.ngram_build import build_ngrams, read_blocks
from biopipe.kb.build.word_build import build_words
from biopipe.kb.hashing import name_hash
from biopipe.kb.schema import KINDS
from biopipe.text.normalize import normalize_name

__all__ = ["Stage", "write_dense", "write_ngrams"]

Stage = Callable[[str, int, int], None]
"""Gets what is done ("n-grams" or "vectors"), how many names so far, of how many."""
_Progress = Callable[[int, int], None]
# From there on an index by words is searched in a seventh of the time (ten million names). Of one
# million it is half without a filter, but where one leaves a tenth lists of 3-grams take half of it.
_BY_WORDS_ABOVE = 3_000_000
# Names that are read, and given to the encoder, at a time: enough to fill its batches.
_READ_NAMES = 8192


def write_ngrams(directory: Path, names: IndexedNames, progress: _Progress) -> None:
    """Write `ngram/`: every normal form once; of very many an index by words."""
    names.close()
    folder = directory / "ngram"
    folder.mkdir()
    first, offsets, rows = group_by_hash(names.hashes, names.rows)
    save_groups(folder, offsets, rows, _ranks(open_batch(directory / "names.arrow")))
    total = len(offsets) - 1
    build = build_words if total > _BY_WORDS_ABOVE else build_ngrams
    build(folder, read_blocks(names.spool, first), total, lambda done: progress(done, total))


def write_dense(
    directory: Path, names: IndexedNames, encoder: NameEncoder, progress: _Progress
) -> dict[str, Any]:
    """Write `dense/`: every encoded text once; returns what the manifest says of it."""
    folder = directory / "dense"
    folder.mkdir()
    texts = _EncodedTexts(directory, names)
    hashes = np.fromiter((name_hash(text) for text in texts), np.uint64, len(names))
    first, offsets, rows = group_by_hash(hashes, names.rows)
    save_groups(folder, offsets, rows, _ranks(open_batch(directory / "names.arrow")))
    total = len(offsets) - 1
    blocks = _blocks(compress(texts, first.tolist()))
    vectors = build_dense(folder, blocks, total, encoder, lambda done: progress(done, total))
    return {
        "name": encoder.name,
        "hash": encoder.hash,
        "dimension": encoder.dimension,
        "texts": total,
        "vectors": vectors,
    }


class _EncodedTexts:
    """What the encoder is given for each indexed name, in their order."""

    def __init__(self, directory: Path, names: IndexedNames) -> None:
        self._concepts = open_batch(directory / "concepts.arrow")
        self._names = open_batch(directory / "names.arrow")
        self._owners = view(self._names["concept"], np.uint32)
        self._rows = names.rows
        self._homonyms = self._find_homonyms(names)

    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self._rows), _READ_NAMES):
            rows = self._rows[first : first + _READ_NAMES]
            for row, text, homonym in zip(
                rows.tolist(),
                self._names["text"].take(rows).to_pylist(),
                self._homonyms[rows],
                strict=True,
            ):
                yield self._distinct(text, int(self._owners[row])) if homonym else text

    def _find_homonyms(self, names: IndexedNames) -> npt.NDArray[np.bool_]:
        """Which rows of the name table have the normal form of another concept's name."""
        _, offsets, rows = group_by_hash(names.hashes, names.rows)
        owners = self._owners[rows]
        # One owner is the largest and the smallest at once, with no set for each name.
        several = np.maximum.reduceat(owners, offsets[:-1]) != np.minimum.reduceat(
            owners, offsets[:-1]
        )
        homonyms = np.zeros(len(self._owners), bool)
        homonyms[rows] = np.repeat(several, np.diff(offsets))
        return homonyms

    def _distinct(self, text: str, concept: int) -> str:
        preferred = self._concepts["name"][concept].as_py()
        same = normalize_name(preferred) == normalize_name(text)
        return homonym_text(text, preferred, self._concepts["types"][concept].as_py(), same=same)


def _ranks(names: pa.RecordBatch) -> npt.NDArray[np.int8]:
    """The place in KINDS of the kind of each name."""
    kinds = names["kind"]
    ranks = np.array([KINDS.index(kind.as_py()) for kind in kinds.dictionary], np.int8)
    ranked: npt.NDArray[np.int8] = ranks[view(kinds.indices, np.int8)]
    return ranked


def _blocks(texts: Iterator[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for text in texts:
        block.append(text)
        if len(block) == _READ_NAMES:
            yield block
            block = []
    if block:
        yield block
