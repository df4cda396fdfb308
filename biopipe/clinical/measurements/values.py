"""Reads the value behind a test: comparator, number, range or pair, unit and reference flag."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from biopipe.clinical.phrases import PhraseTable
from biopipe.clinical.units import UnitReader
from biopipe.clinical.words import NoteWord, NumberWords
from biopipe.language.tables import read_table

__all__ = ["COMPARISONS", "TestValue", "ValueReader", "WrittenValue"]

COMPARISONS = frozenset("<>≤≥")
"""Signs between a test and a number that is a limit."""


_COMPARATORS = {"<": "<", ">": ">", "≤": "<=", "≥": ">=", "<=": "<=", ">=": ">="}
# An arrow, as in "1.4 -> 2.1", is none.
_COMPARATOR = re.compile(r"(?<!-)(<=|>=|=<|=>|[<>≤≥])\s*$")
_WORDS_BEFORE = re.compile(
    r"\b(less than|below|under|greater than|more than|above|over)\s+$", re.IGNORECASE
)
_IN_WORDS = {
    "less": "<",
    "below": "<",
    "under": "<",
    "greater": ">",
    "more": ">",
    "above": ">",
    "over": ">",
}
_FLAG_GAP = re.compile(r"[\s,|]*[\[(*]?\s*")
_FLAG_END = re.compile(r"\s*[\])*|]|\s*(?=[,;.\n)]|$)|\s+(?=[(\d<>≤≥])")
_PAIR = re.compile(r"\s?/\s?(\d{1,3}(?:\.\d+)?)(?![\d/])")
_FEET_AND_INCHES = re.compile(
    r"(\d)\s?(?:'|ft|feet)\s?(\d{1,2}(?:\.\d+)?)\s?(?:\"|''|in(?:ch(?:es)?)?\b)", re.IGNORECASE
)
_PRESSURES = frozenset({"mm[Hg]", "kPa"})
_TEMPERATURE = re.compile(r"\s?([CF])\b")


class WrittenValue(NamedTuple):
    """A value as the text has it, from `start` to `end`; `second` is the second number of a pair
    ("120/80"), `flag` a code of HL7 ObservationInterpretation, "" for none. One in words has no
    numbers.
    """

    start: int
    end: int
    comparator: str
    low: float | None
    high: float | None
    second: float | None
    unit: str
    flag: str


class TestValue(NamedTuple):
    """A test from `start` to `end` with its value; `test` is "" for one of no table, `unit` a UCUM
    code, told or implied.
    """

    start: int
    end: int
    test: str
    value: WrittenValue
    unit: str


class ValueReader:
    """Reads values; the flags are in tables/flags.tsv."""

    def __init__(self, words: NumberWords, units: UnitReader) -> None:
        rows = read_table("biopipe.clinical.measurements", "tables/flags.tsv")
        self._flags = PhraseTable(((phrase, flag) for phrase, flag, _ in rows), words)
        self._units = units

    def read(
        self, text: str, words: Sequence[NoteWord], place: int, end: int
    ) -> WrittenValue | None:
        """The value whose number is the word at `place`; None for a number in words or one that
        is part of a word.
        """
        number = words[place]
        if not (text[number.start].isdigit() or text[number.start] == "."):
            return None
        if height := _FEET_AND_INCHES.match(text, number.start, end):
            inches = 12 * float(height[1]) + float(height[2])
            return WrittenValue(number.start, height.end(), "", inches, inches, None, "[in_i]", "")
        start, comparator = self._comparator(text, number)
        edge, second = number.end, None
        if pair := _PAIR.match(text, edge, end):
            edge, second = pair.end(), float(pair[1])
        behind, unit = self._unit(text, edge, end)
        if second is None or unit in _PRESSURES:
            edge = behind
        else:
            unit = ""
        if not unit and edge < end and text[edge].isalpha():
            return None
        flag = self._flag_behind(text, words, edge, end)
        return WrittenValue(start, edge, comparator, number.low, number.high, second, unit, flag)

    def flag_at(self, words: Sequence[NoteWord], place: int) -> tuple[str, int] | None:
        """The flag that begins at a word, and the word behind it."""
        hit = self._flags.at(words, place) if place < len(words) else None
        return (hit.meaning, hit.last) if hit else None

    def _unit(self, text: str, place: int, end: int) -> tuple[int, str]:
        """The end of the value with its unit, and the unit."""
        for gap in (0, 1, 2):
            if text[place : place + gap].strip().strip("-("):
                break
            unit = self._units.read(text, place + gap, end)
            # "(L)" is low, and no litre.
            if unit is not None and not (unit.code == "L" and "(" in text[place : place + gap]):
                return unit.end, unit.code
        degrees = _TEMPERATURE.match(text, place, end)
        if degrees:
            return degrees.end(), "Cel" if degrees[1] == "C" else "[degF]"
        return place, ""

    def _comparator(self, text: str, number: NoteWord) -> tuple[int, str]:
        before = text[max(0, number.start - 14) : number.start]
        if sign := _COMPARATOR.search(before):
            return number.start - len(before) + sign.start(), _COMPARATORS.get(sign[1], "<=")
        if words := _WORDS_BEFORE.search(before):
            start = number.start - len(before) + words.start()
            return start, _IN_WORDS[words[1].split()[0].lower()]
        return number.start, ""

    def _flag_behind(self, text: str, words: Sequence[NoteWord], edge: int, end: int) -> str:
        """The flag behind a value, such as "(H)"; "" for none."""
        gap = _FLAG_GAP.match(text, edge, end)
        start = gap.end() if gap else edge
        place = next((i for i, word in enumerate(words) if word.start == start), None)
        read = self.flag_at(words, place) if place is not None else None
        if read is None:
            return ""
        flag, last = read
        place = words[last - 1].end
        if place - start <= 2 and not text[start].isupper():
            return ""
        # "140 H" is a flag, in "140 high-dose" the word goes on.
        return flag if place == end or _FLAG_END.match(text, place, end) else ""
