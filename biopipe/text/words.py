"""The words of a text as `normalize_name` sees them, each with its place in the text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biopipe.text.normalize import PIECES, POSSESSIVE, fold
from biopipe.text.spelling import one_spelling

__all__ = ["NormalizedWords", "WordReader", "is_word_character"]

# Most chunks are a word, in brackets or with a comma: these need no folding and no further search.
_PLAIN_CHUNK = re.compile(r"[(\[\"]?([A-Za-z]+)[.,;:)\]\"]*")
# About 12 MB; the words of some 2,000 abstracts. To read those of a batch anew once in so many takes
# less than to keep more of them in every worker.
_MOST_WORDS = 1 << 15


@dataclass(frozen=True, slots=True)
class NormalizedWords:
    """Runs of letters or of digits, in their order.

    forms: in one spelling; starts, ends: (words,) int64, their spans `[start, end)` in the text;
    begins, stops: (words,) bool, whether no letter, digit or underscore stands before and behind.
    """

    forms: list[str]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    begins: NDArray[np.bool_]
    stops: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.forms)


class WordReader:
    """Reads the words of texts, and remembers those of what stands between two spaces: texts of one
    field repeat most of it.

    What it remembers is never changed once it is in use, so threads need no lock.
    """

    def __init__(self) -> None:
        self._table = _NOTHING

    def read(self, texts: Sequence[str]) -> tuple[NormalizedWords, NDArray[np.int64]]:
        """The words of all texts, one text after the other, with their places in their own texts;
        text n has the words `[edges[n], edges[n + 1])` of `edges`, (texts + 1,) int64.
        """
        by_text = [text.split() for text in texts]
        chunks = list(chain.from_iterable(by_text))
        table = self._table
        numbers = list(map(table.numbers.get, chunks))
        if None in numbers:
            table = self._table = _with_chunks(table, chunks)
            numbers = list(map(table.numbers.get, chunks))
        chunk_rows = np.array(numbers, dtype=np.int64)
        counts = table.edges[chunk_rows + 1] - table.edges[chunk_rows]
        firsts = np.append(0, np.cumsum(counts))
        rows = np.repeat(table.edges[chunk_rows] - firsts[:-1], counts) + np.arange(firsts[-1])
        edges = np.cumsum([0, *map(len, by_text)])
        places = np.repeat(_places(texts, by_text, table.lengths[chunk_rows], edges), counts)
        starts, ends, begins, stops = table.columns.take(rows, axis=1)
        forms = list(map(table.forms.__getitem__, rows.tolist()))
        words = NormalizedWords(forms, starts + places, ends + places, begins > 0, stops > 0)
        return words, firsts[edges]


class _ChunkTable(NamedTuple):
    """The words of texts without spaces. `numbers` are those of the chunks, of which chunk n has the
    words `[edges[n], edges[n + 1])` and `lengths[n]` characters; columns: (4, words) int64, starts,
    ends, begins and stops.
    """

    numbers: dict[str, int]
    edges: NDArray[np.int64]
    lengths: NDArray[np.int64]
    forms: list[str]
    columns: NDArray[np.int64]


_NOTHING = _ChunkTable(
    {},
    np.zeros(1, dtype=np.int64),
    np.zeros(0, dtype=np.int64),
    [],
    np.zeros((4, 0), dtype=np.int64),
)


def _with_chunks(table: _ChunkTable, chunks: Sequence[str]) -> _ChunkTable:
    """A table that has these chunks too; one of these alone where it would grow too large."""
    if len(table.forms) > _MOST_WORDS:
        table = _NOTHING
    new = list(dict.fromkeys([chunk for chunk in chunks if chunk not in table.numbers]))
    words = [_words_of_chunk(chunk) for chunk in new]
    rows = [
        (
            start,
            end,
            not is_word_character(chunk[start - 1 : start]),
            not is_word_character(chunk[end : end + 1]),
        )
        for chunk, of_chunk in zip(new, words, strict=True)
        for _, start, end in of_chunk
    ]
    first = len(table.numbers)
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return _ChunkTable(
        {**table.numbers, **{chunk: first + number for number, chunk in enumerate(new)}},
        np.append(table.edges, table.edges[-1] + np.cumsum([len(of_chunk) for of_chunk in words])),
        np.append(table.lengths, np.array(list(map(len, new)), dtype=np.int64)),
        [*table.forms, *(form for of_chunk in words for form, _, _ in of_chunk)],
        np.concatenate([table.columns, columns], axis=1),
    )


def _places(
    texts: Sequence[str],
    by_text: Sequence[Sequence[str]],
    lengths: NDArray[np.int64],
    edges: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Where each of the parts between spaces begins in its own text: (chunks,). `lengths` are theirs,
    (chunks,); text n has the chunks `[edges[n], edges[n + 1])`.
    """
    # One space between any two, as in most abstracts.
    before = np.append(0, np.cumsum(lengths + 1))
    places: NDArray[np.int64] = before[:-1] - np.repeat(before[edges[:-1]], np.diff(edges))
    sizes = before[edges[1:]] - before[edges[:-1]]
    others = np.flatnonzero(sizes != np.array(list(map(len, texts)), dtype=np.int64) + 1)
    for number in others.tolist():
        text, end = texts[number], 0
        for chunk, row in zip(
            by_text[number], range(int(edges[number]), len(places)), strict=False
        ):
            places[row] = place = text.index(chunk, end)
            end = place + len(chunk)
    return places


def _words_of_chunk(chunk: str) -> list[tuple[str, int, int]]:
    """Form, start and end of the words in a text without spaces."""
    if plain := _PLAIN_CHUNK.fullmatch(chunk):
        return [(one_spelling(plain[1].lower()), *plain.span(1))]
    if chunk.isascii() and "&" not in chunk:
        folded, places = chunk.lower(), None
    else:
        folded, places = _folded(chunk)
    if "'" in folded:
        folded = POSSESSIVE.sub(lambda match: " " * len(match[0]), folded)
    words = []
    for piece in PIECES.finditer(folded):
        form = one_spelling(piece[0]) if piece[0].isalpha() else piece[0]
        if places is None:
            words.append((form, piece.start(), piece.end()))
        else:
            # An accent that stands behind its letter belongs to it.
            last = places[piece.end() - 1]
            end = next((p for p in places[piece.end() - 1 :] if p > last), len(chunk))
            words.append((form, places[piece.start()], end))
    return words


def _folded(chunk: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place of the one it comes from."""
    parts = [" and " if character == "&" else fold(character) for character in chunk]
    places = [place for place, part in enumerate(parts) for _ in part]
    return "".join(parts), places


def is_word_character(character: str) -> bool:
    """Whether a character is one that names are made of: a letter, digit or underscore, as `\\w` in
    a pattern; False for the empty string, which slices give beyond a text.
    """
    return character.isalnum() or character == "_"
