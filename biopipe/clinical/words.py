"""The words of a stretch of a note as tables of phrases see them.

Case, hyphens and the dots of abbreviations do not count ("b.i.d.", "twice-daily"); numbers, written
in digits or in words, are numbers, and so are ranges ("4-6", "one to two"). Other marks are words
of their own.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from biopipe.language.tables import read_table

__all__ = ["NUMBER", "NoteWord", "NumberWords", "number_of"]

NUMBER = "#"
"""The form of every number; the sign itself has another ("#1", "# Diarrhea")."""

# A comma with one or two digits behind it is a decimal one before a unit: "92,5 kg", "4,6 mmol/l".
_DECIMAL_COMMA = (
    r"(?<![\w.,])\d{1,4},\d{1,2}(?=\s?(?:[%°]|"
    r"(?:[kdcmunpµμ]?(?:g|mol|[lL]|m|U|Eq|Pa)|mmHg|I[EU])(?:[/²^]|(?!\w))))"
)
_DIGITS = rf"\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|{_DECIMAL_COMMA}|\d+\.\d+|\d+|(?<!\d)\.\d+"
_THOUSANDS = re.compile(r",(?=\d{3})")
_WORD = re.compile(
    rf"(?P<fraction>(?<![\d/.])1/[234](?![\d/.]))|(?P<number>{_DIGITS})|(?P<half>[½¼¾])"
    r"|(?P<dotted>(?<![\w.])(?:[A-Za-z]\.){1,5}[A-Za-z]\b\.?|(?<![\w.])[A-Za-z]\.(?=\s?\d))"
    r"|(?P<word>[^\W\d_]+(?:['’][a-z]{1,2}\b)?)|(?P<mark>(?!(?<=\d)\.[A-Za-z])[^\w\s])"
)
_SILENT = frozenset("-‐‑–—*")
_HALVES = {"½": 0.5, "¼": 0.25, "¾": 0.75}
_RANGE = frozenset({"-", "‐", "–", "—", "to", "or"})


class NoteWord(NamedTuple):
    """A word of the text from `start` to `end`; `form` is NUMBER for a number from `low` to
    `high`.
    """

    start: int
    end: int
    form: str
    low: float = 0.0
    high: float = 0.0


def number_of(text: str) -> float:
    """The value of a number as texts write it: "1,500", ".5", "92,5"."""
    return float(_THOUSANDS.sub("", text).replace(",", "."))


class NumberWords:
    """Cuts text into words, with a table of numbers in words."""

    def __init__(self) -> None:
        rows = read_table("biopipe.clinical", "tables/numbers.tsv")
        self._numbers = {word: float(value) for word, value, _ in rows}

    def words(self, text: str, start: int, end: int) -> list[NoteWord]:
        """The words from `start` to `end` in order, ranges as one."""
        return list(_without_marks(_with_ranges(list(self._parts(text, start, end)))))

    def _parts(self, text: str, start: int, end: int) -> Iterator[NoteWord]:
        for match in _WORD.finditer(text, start, end):
            kind, written = match.lastgroup, match[0]
            if kind == "number":
                value = number_of(written)
                yield NoteWord(match.start(), match.end(), NUMBER, value, value)
            elif kind == "fraction":
                value = round(1 / int(written[2]), 3)
                yield NoteWord(match.start(), match.end(), NUMBER, value, value)
            elif kind == "half":
                yield NoteWord(match.start(), match.end(), NUMBER, *[_HALVES[written]] * 2)
            elif kind == "dotted":
                form = re.sub(r"[.\s]", "", written).lower()
                yield NoteWord(match.start(), match.end(), form)
            else:
                form = "№" if written == NUMBER else written.lower()
                value = self._numbers.get(form, 0.0)
                if value:
                    yield NoteWord(match.start(), match.end(), NUMBER, value, value)
                else:
                    yield NoteWord(match.start(), match.end(), form)


def _with_ranges(words: list[NoteWord]) -> Iterator[NoteWord]:
    place = 0
    while place < len(words):
        word = words[place]
        if word.form == NUMBER and place + 2 < len(words):
            between, after = words[place + 1 : place + 3]
            if between.form in _RANGE and after.form == NUMBER and word.low < after.low:
                yield NoteWord(word.start, after.end, NUMBER, word.low, after.high)
                place += 3
                continue
        yield word
        place += 1


def _without_marks(words: Iterator[NoteWord]) -> Iterator[NoteWord]:
    """Without hyphens."""
    return (word for word in words if word.form not in _SILENT)
