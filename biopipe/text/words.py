"""The words of a text as `normalize_name` sees them, each with its place in the text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biopipe.text.normalize import PIECES, POSSESSIVE, fold
from biopipe.text.spelling import one_spelling

__all__ = ["NormalizedWords", "WordReader", "words_of"]

# Most chunks are a word, in brackets or with a comma: these need no folding and no further search.
_PLAIN_CHUNK = re.compile(r"[(\[\"]?([A-Za-z]+)[.,;:)\]\"]*")
# About 30 MB; the words of some 10,000 abstracts.
_MOST_WORDS = 1 << 16


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

    def read(self, texts: Sequence[str]) -> list[NormalizedWords]:
        """What `words_of` gives for each text."""
        by_text = [text.split() for text in texts]
        chunks = list(chain.from_iterable(by_text))
        table = self._table
        numbers = list(map(table.numbers.get, chunks))
        if None in numbers:
            table = self._table = _with_chunks(table, chunks)
            numbers = list(map(table.numbers.get, chunks))
        chosen = np.array(numbers, dtype=np.int64)
        counts = table.edges[chosen + 1] - table.edges[chosen]
        firsts = np.append(0, np.cumsum(counts))
        rows = np.repeat(table.edges[chosen] - firsts[:-1], counts) + np.arange(firsts[-1])
        pairs = zip(texts, by_text, strict=True)
        places = np.concatenate([_places(text, of_text) for text, of_text in pairs])
        starts, ends, begins, stops = table.columns[:, rows]
        starts, ends = (column + np.repeat(places, counts) for column in (starts, ends))
        begins, stops = begins > 0, stops > 0
        forms = [table.forms[row] for row in rows.tolist()]
        edges = firsts[np.cumsum([0, *map(len, by_text)])].tolist()
        return [
            NormalizedWords(forms[a:b], *(column[a:b] for column in (starts, ends, begins, stops)))
            for a, b in pairwise(edges)
        ]


class _ChunkTable(NamedTuple):
    """The words of texts without spaces. `numbers` are those of the chunks, of which chunk n has the
    words `[edges[n], edges[n + 1])`; columns: (4, words) int64, starts, ends, begins and stops.
    """

    numbers: dict[str, int]
    edges: NDArray[np.int64]
    forms: list[str]
    columns: NDArray[np.int64]


_NOTHING = _ChunkTable({}, np.zeros(1, dtype=np.int64), [], np.zeros((4, 0), dtype=np.int64))


def words_of(text: str) -> NormalizedWords:
    """The words of `text`; those of a part of it, through `simplify`, are the normal form of that
    part.

    A possessive 's is no word; a Greek letter is one of its own.
    """
    return WordReader().read([text])[0]


def _with_chunks(table: _ChunkTable, chunks: Sequence[str]) -> _ChunkTable:
    """A table that has these chunks too; one of these alone where it would grow too large."""
    if len(table.forms) > _MOST_WORDS:
        table = _NOTHING
    new = list(dict.fromkeys([chunk for chunk in chunks if chunk not in table.numbers]))
    words = [_words_of_chunk(chunk) for chunk in new]
    rows = [
        (start, end, not _in_word(chunk[start - 1 : start]), not _in_word(chunk[end : end + 1]))
        for chunk, of_chunk in zip(new, words, strict=True)
        for _, start, end in of_chunk
    ]
    first = len(table.numbers)
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return _ChunkTable(
        {**table.numbers, **{chunk: first + number for number, chunk in enumerate(new)}},
        np.append(table.edges, table.edges[-1] + np.cumsum([len(of_chunk) for of_chunk in words])),
        [*table.forms, *(form for of_chunk in words for form, _, _ in of_chunk)],
        np.concatenate([table.columns, columns], axis=1),
    )


def _places(text: str, chunks: Sequence[str]) -> NDArray[np.int64]:
    """Where each of the parts between spaces begins."""
    lengths = np.array(list(map(len, chunks)), dtype=np.int64)
    behind = np.cumsum(lengths + 1)
    if len(chunks) and behind[-1] == len(text) + 1:
        # One space between any two, as in most abstracts.
        return behind - lengths - 1
    places, end = [], 0
    for chunk in chunks:
        place = text.index(chunk, end)
        places.append(place)
        end = place + len(chunk)
    return np.array(places, dtype=np.int64)


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


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _folded(chunk: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place of the one it comes from."""
    parts = [" and " if character == "&" else fold(character) for character in chunk]
    places = [place for place, part in enumerate(parts) for _ in part]
    return "".join(parts), places
