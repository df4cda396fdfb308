"""What a tokenizer makes of the words of a text, remembered: texts of one field repeat most of them.

Only for tokenizers whose pieces never cross a space and never depend on what stands beyond one, as
BERT's. A table is never changed once it is in use, so threads need no lock.
"""

import re
from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["ChunkTable", "TokenArrays", "empty_chunk_table", "encode_chunks"]

# What a chunk ends at, each for itself; signs, and other spaces, are left to the tokenizer.
_SPACE = re.compile(r"[\t\r\n]")
# About 15 MB; the words of some 3,000 abstracts. To read those of a batch anew once in so many takes
# less than to keep more of them in every worker.
_MOST_PIECES = 200_000

IntArray = NDArray[np.int64]


class TokenArrays(NamedTuple):
    """Tokens of texts or chunks one after the other.

    ids: (n,) int64; offsets: (n, 2) int64 code points of its own text; words: (n,) int64 word
    numbers, from 0 in every text; edges: (texts + 1,) int64.
    """

    ids: IntArray
    offsets: IntArray
    words: IntArray
    edges: IntArray


class ChunkTable(NamedTuple):
    """The tokens of chunks, whose numbers are `numbers`, and how many characters and words each has:
    (chunks,) int64 both.
    """

    numbers: dict[str, int]
    tokens: TokenArrays
    lengths: IntArray
    word_counts: IntArray


def empty_chunk_table() -> ChunkTable:
    """A table that remembers nothing yet."""
    nothing = np.zeros(0, dtype=np.int64)
    tokens = TokenArrays(nothing, nothing.reshape(0, 2), nothing, np.zeros(1, dtype=np.int64))
    return ChunkTable({}, tokens, nothing, nothing)


def encode_chunks(
    texts: Sequence[str], table: ChunkTable, encode: Callable[[Sequence[str]], TokenArrays]
) -> tuple[TokenArrays, ChunkTable]:
    """The tokens of texts, and the table with their chunks; `encode` makes the tokens of chunks that
    the table lacks.
    """
    by_text = [_SPACE.sub(" ", text).split(" ") for text in texts]
    chunks = list(chain.from_iterable(by_text))
    numbers = list(map(table.numbers.get, chunks))
    if None in numbers:
        table = _with_chunks(table, chunks, encode)
        numbers = list(map(table.numbers.get, chunks))
    edges = np.cumsum([0, *map(len, by_text)])
    return _gather(table, np.array(numbers, dtype=np.int64), edges), table


def _with_chunks(
    table: ChunkTable, chunks: Sequence[str], encode: Callable[[Sequence[str]], TokenArrays]
) -> ChunkTable:
    new = list(dict.fromkeys(chunk for chunk in chunks if chunk not in table.numbers))
    if len(table.tokens.ids) > _MOST_PIECES:
        table, new = empty_chunk_table(), list(dict.fromkeys(chunks))
    old, made = table.tokens, encode(new)
    first = len(table.numbers)
    last_pieces = made.edges[1:] - 1
    has_pieces = made.edges[1:] > made.edges[:-1]
    word_counts = np.zeros(len(new), dtype=np.int64)
    word_counts[has_pieces] = made.words[last_pieces[has_pieces]] + 1
    return ChunkTable(
        {**table.numbers, **{chunk: first + number for number, chunk in enumerate(new)}},
        TokenArrays(
            np.concatenate([old.ids, made.ids]),
            np.concatenate([old.offsets, made.offsets]),
            np.concatenate([old.words, made.words]),
            np.concatenate([old.edges, old.edges[-1] + made.edges[1:]]),
        ),
        np.concatenate([table.lengths, np.array(list(map(len, new)), dtype=np.int64)]),
        np.concatenate([table.word_counts, word_counts]),
    )


def _gather(table: ChunkTable, numbers: IntArray, edges: IntArray) -> TokenArrays:
    """The tokens of texts by the numbers (chunks,) of their chunks; text n has the chunks
    `[edges[n], edges[n + 1])`.
    """
    tokens = table.tokens
    starts = _within_text(table.lengths[numbers] + 1, edges)
    counts = tokens.edges[numbers + 1] - tokens.edges[numbers]
    piece_edges = np.concatenate([[0], np.cumsum(counts)])
    rows = np.repeat(tokens.edges[numbers] - piece_edges[:-1], counts)
    rows += np.arange(len(rows))
    words_before = _within_text(table.word_counts[numbers], edges)
    offsets = tokens.offsets.take(rows, axis=0)
    offsets += np.repeat(starts, counts)[:, None]
    words = tokens.words.take(rows)
    words += np.repeat(words_before, counts)
    return TokenArrays(tokens.ids.take(rows), offsets, words, piece_edges[edges])


def _within_text(amounts: IntArray, edges: IntArray) -> IntArray:
    """The sum of the amounts (chunks,) of the chunks before each one in its own text: (chunks,)."""
    before = np.concatenate([[0], np.cumsum(amounts)])
    within: IntArray = before[:-1] - np.repeat(before[edges[:-1]], np.diff(edges))
    return within
