"""The n-gram index of a large base written by words (see `biopipe.kb.word_postings`), with little
memory: names come in blocks, and their words wait on disk.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from biopipe.kb.build.array_build import create_array
from biopipe.kb.grams import distinct, grams, idf
from biopipe.kb.groups import runs
from biopipe.kb.word_postings import (
    LOOKED_FOR_WORDS,
    OTHER_WORDS,
    POSTING,
    SHARE_STEP,
    WORD_POSTINGS_FILE,
)

__all__ = ["build_words"]

_BLOCK = 1 << 16
# A key is the place of a name in its block above so many bits of the number of a 3-gram or word.
_LOW_BITS = np.uint64(32)
_LOW = np.uint64((1 << 32) - 1)

_Integers = npt.NDArray[np.int64]
_Numbers = npt.NDArray[np.uint32]
_Squares = npt.NDArray[np.float64]


def build_words(
    directory: Path, blocks: Iterable[list[str]], names: int, progress: Callable[[int], None]
) -> None:
    """Write the index of `names` normalised names to `directory`; `progress` gets the number of
    names done.
    """
    spool = directory / "words.spool"
    words, counts = _spool_words(spool, blocks, names, progress)
    vocabulary = _write_vocabulary(directory, words)
    words.clear()
    spooled = np.memmap(spool, np.uint32, "r")
    entries = _Entries(spooled, np.append(0, np.cumsum(counts, dtype=np.int64)))
    having = _count_names(vocabulary, entries)
    np.save(directory / "having.npy", having)
    squares = idf(names, having) ** 2
    norms = _norms(vocabulary, entries, squares)
    shares: npt.NDArray[np.float32] = np.divide(
        norms, np.minimum(counts, LOOKED_FOR_WORDS), dtype=np.float32
    )
    order = np.argsort(shares, kind="stable")
    np.save(directory / "original.npy", order.astype(np.uint32))
    np.save(directory / "norms.npy", norms[order])
    np.save(directory / "shares.npy", shares[order][::SHARE_STEP])
    _write_postings(directory, entries, order, (norms, shares), vocabulary.word_squares(squares))
    spool.unlink()


@dataclass(frozen=True, slots=True)
class _Entries:
    """The words of each name in the order in which names came."""

    words: _Numbers
    offsets: _Integers

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def of(self, names: _Integers) -> tuple[_Numbers, _Integers]:
        """The words of some names, one after the other, and how many each has."""
        starts = self.offsets[names]
        lengths = self.offsets[names + 1] - starts
        return self.words[runs(starts, lengths)], lengths


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The 3-grams of each word."""

    grams: int
    offsets: _Integers
    ids: _Numbers

    def blocks(self, entries: _Entries) -> Iterator[tuple[int, int, _Integers, _Numbers]]:
        """For each block of names its first, its size, and the place in it and the number of every
        3-gram of every name, once.
        """
        for first in range(0, len(entries), _BLOCK):
            size = min(_BLOCK, len(entries) - first)
            words, lengths = entries.of(np.arange(first, first + size))
            starts = self.offsets[words]
            having = self.offsets[words + 1] - starts
            ids = self.ids[runs(starts, having)].astype(np.uint64)
            owners = np.repeat(np.repeat(np.arange(size, dtype=np.uint64), lengths), having)
            keys = distinct(np.sort((owners << _LOW_BITS) | ids))
            yield first, size, (keys >> _LOW_BITS).astype(np.int64), (keys & _LOW).astype(np.uint32)

    def word_squares(self, squares: _Squares) -> _Squares:
        """The squared length of each word: (words,) float64."""
        return np.add.reduceat(squares[self.ids], self.offsets[:-1])


def _spool_words(
    spool: Path, blocks: Iterable[list[str]], names: int, progress: Callable[[int], None]
) -> tuple[dict[str, int], npt.NDArray[np.uint16]]:
    """Write the numbers of the words of each name; returns the number of each word by its text, and
    how many different words each name has: (names,) uint16.
    """
    words: dict[str, int] = {}
    counts, done = np.empty(names, np.uint16), 0
    with spool.open("wb") as file:
        for block in blocks:
            numbers: list[int] = []
            for form in block:
                before = len(numbers)
                parts = dict.fromkeys(form.split(" "))
                numbers.extend(words.setdefault(part, len(words)) for part in parts if part)
                counts[done] = len(numbers) - before
                done += 1
            np.array(numbers, np.uint32).tofile(file)
            progress(done)
    return words, counts


def _write_vocabulary(directory: Path, words: Iterable[str]) -> _Vocabulary:
    """Write which 3-grams each word has, and which words have each 3-gram."""
    texts = list(words)
    codes_of_blocks, owners_of_blocks = [], []
    for first in range(0, len(texts), _BLOCK):
        codes, lines = grams("\n".join(texts[first : first + _BLOCK]))
        order = np.lexsort((codes, lines))
        codes, lines = codes[order], lines[order]
        new = np.append(True, (codes[1:] != codes[:-1]) | (lines[1:] != lines[:-1]))
        codes_of_blocks.append(codes[new])
        owners_of_blocks.append(lines[new].astype(np.uint32) + np.uint32(first))
    codes, owners = np.concatenate(codes_of_blocks), np.concatenate(owners_of_blocks)
    stored = distinct(np.sort(codes))
    ids = stored.searchsorted(codes).astype(np.uint32)
    offsets = np.append(0, np.cumsum(np.bincount(owners, minlength=len(texts))))
    np.save(directory / "grams.npy", stored)
    np.save(directory / "word_gram_offsets.npy", offsets)
    np.save(directory / "word_grams.npy", ids)
    by_gram = np.argsort(ids, kind="stable")
    np.save(directory / "gram_words.npy", owners[by_gram])
    having = np.bincount(ids, minlength=len(stored))
    np.save(directory / "gram_word_offsets.npy", np.append(0, np.cumsum(having)))
    return _Vocabulary(len(stored), offsets, ids)


def _count_names(vocabulary: _Vocabulary, entries: _Entries) -> _Integers:
    having = np.zeros(vocabulary.grams, np.int64)
    for _, _, _, ids in vocabulary.blocks(entries):
        having += np.bincount(ids, minlength=vocabulary.grams)
    return having


def _norms(
    vocabulary: _Vocabulary, entries: _Entries, squares: _Squares
) -> npt.NDArray[np.float32]:
    norms = np.empty(len(entries), np.float32)
    for first, size, places, ids in vocabulary.blocks(entries):
        norms[first : first + size] = np.sqrt(np.bincount(places, squares[ids], size))
    return norms


def _write_postings(
    directory: Path,
    entries: _Entries,
    order: _Integers,
    norms_and_shares: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]],
    squares: _Squares,
) -> None:
    """Write the words of the entries, and the posting list of each word; entry i is name
    `order[i]`, so that lists filled in that order are sorted. Norms and shares go by name.
    """
    norms, shares = norms_and_shares
    lengths = np.diff(entries.offsets)[order]
    np.save(directory / "entry_offsets.npy", np.append(0, np.cumsum(lengths)))
    kept = create_array(directory / "entry_words.npy", np.uint32, (len(entries.words),))
    lists = _PostingLists(directory, np.bincount(entries.words, minlength=len(squares)))
    done = 0
    for first in range(0, len(order), _BLOCK):
        names = order[first : first + _BLOCK]
        block = _block_postings(entries, names, norms, squares)
        kept[done : done + len(block.words)] = block.words
        done += len(block.words)
        lists.add(block, first, shares[names])
    np.save(directory / "least_shares.npy", lists.least_shares)


class _PostingLists:
    """The posting lists of all words, filled from their beginnings on; `counts`: (words,) int64,
    how long each will be.
    """

    def __init__(self, directory: Path, counts: _Integers) -> None:
        offsets = np.append(0, np.cumsum(counts))
        np.save(directory / "word_offsets.npy", offsets)
        total = int(offsets[-1])
        self._postings = create_array(directory / WORD_POSTINGS_FILE, POSTING, (total,))
        self._starts, self._cursor = offsets[:-1], offsets[:-1].copy()
        self.least_shares = np.zeros(len(counts), np.float32)

    def add(self, block: "_BlockPostings", first: int, shares: npt.NDArray[np.float32]) -> None:
        """Add postings of entries from number `first` on; `shares`: (entries,) float32."""
        by_word = np.argsort(block.words, kind="stable")
        words, rows = block.words[by_word], block.rows[by_word]
        starts = np.flatnonzero(np.append(True, words[1:] != words[:-1]))
        own, sizes = words[starts], np.diff(np.append(starts, len(words)))
        fresh = self._cursor[own] == self._starts[own]
        self.least_shares[own[fresh]] = shares[rows["entry"][starts[fresh]]]
        rows["entry"] += np.uint32(first)
        self._postings[runs(self._cursor[own], sizes)] = rows
        self._cursor[own] += sizes


@dataclass(frozen=True, slots=True)
class _BlockPostings:
    """Words and postings of some names; the entries are their places among those names."""

    words: _Numbers
    rows: npt.NDArray[np.void]


def _block_postings(
    entries: _Entries, names: _Integers, norms: npt.NDArray[np.float32], squares: _Squares
) -> _BlockPostings:
    """The postings of some names, by name, the heaviest word of each first."""
    words, lengths = entries.of(names)
    owners = np.repeat(np.arange(len(names)), lengths)
    order = np.lexsort((-squares[words], owners))
    words = words[order]
    starts = np.cumsum(lengths) - lengths
    places = np.arange(len(words)) - starts[owners]
    heaviest = np.full((len(names), OTHER_WORDS + 1), len(squares), np.uint32)
    leading = places <= OTHER_WORDS
    heaviest[owners[leading], places[leading]] = words[leading]
    # The heaviest without the word itself, which is the last of them or none where it is light.
    picks = np.array(
        [[n for n in range(OTHER_WORDS + 1) if n != own] for own in range(OTHER_WORDS + 1)]
    )
    own = np.minimum(places, OTHER_WORDS)
    others = heaviest[owners[:, None], picks[own]]
    weights = np.append(squares, 0.0)
    told = weights[words] + weights[others].sum(axis=1)
    whole = np.add.reduceat(weights[words], starts)
    rows = np.empty(len(words), POSTING)
    rows["entry"], rows["others"], rows["norm"] = owners, others, norms[names][owners]
    rows["light"] = np.maximum(whole[owners] - told, 0.0)
    return _BlockPostings(words, rows)
