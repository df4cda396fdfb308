"""Twenty invented notes of different kinds, marked by hand: sections, problems with what the note
says of them, medications with their attributes, and values.

`tests/data/notes/*.note` hold the text with marks. `@category@` stands where a section begins.
`{P-:cough}` is a problem and its flags: - negated, ? possible, ~ historical, f family, h
hypothetical. `{M1s:aspirin}` is medication 1 of the note; s stopped, t started, d held, a allergy,
and no letter taken; h, p and - as of problems. `{S1:81 mg}` belongs to it: S strength or dose, O
form, R route, F frequency, D duration, N as needed. `{T1:Na}`, `{V1:138}` and `{U1:mmol/L}` are a
test, its value and its unit. A problem under a heading of past history is historical, as ConText
has it. Notes 01 to 10 were written before the code and were not looked at until it stood; 11 to 20
were there to look at.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from biopipe.document.labels import FAMILY, HISTORICAL, HYPOTHETICAL, NEGATED, POSSIBLE

__all__ = [
    "NOTES",
    "GoldMedication",
    "GoldNote",
    "GoldProblem",
    "GoldValue",
    "read_note",
    "read_notes",
]

NOTES = Path(__file__).parents[1] / "data" / "notes"
FIRST_HALF = range(1, 11)

_MARK = re.compile(r"\{([A-Z])(\d*)([-?~a-z]*):([^{}]*)\}|@([a-z_]+)@")
_FLAGS = {"-": NEGATED, "?": POSSIBLE, "~": HISTORICAL, "f": FAMILY, "h": HYPOTHETICAL}
_STATUSES = {"s": "stopped", "t": "started", "d": "held", "a": "allergy"}
_KINDS = {
    "S": "strength", "O": "form", "R": "route", "F": "frequency", "D": "duration", "N": "as needed"
}  # fmt: skip

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class GoldProblem:
    """A problem and what the note says of it."""

    start: int
    end: int
    assertion: frozenset[str]


@dataclass(slots=True)
class GoldMedication:
    """A medication with its status and the spans of its attributes by kind."""

    start: int
    end: int
    status: str
    attributes: list[tuple[str, int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class GoldValue:
    """A test, and one of its values."""

    test: Span
    value: Span
    unit: Span | None


@dataclass(slots=True)
class GoldNote:
    """A note without its marks; `sections` are (category, start)."""

    id: str
    text: str = ""
    sections: list[tuple[str, int]] = field(default_factory=list)
    problems: list[GoldProblem] = field(default_factory=list)
    medications: list[GoldMedication] = field(default_factory=list)
    values: list[GoldValue] = field(default_factory=list)

    @property
    def in_first_half(self) -> bool:
        """Whether it was written before the code and not looked at."""
        return int(self.id.partition("_")[0]) in FIRST_HALF


def read_notes(folder: Path = NOTES) -> list[GoldNote]:
    """The notes of the folder in order of their names."""
    return [read_note(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.note"))]


def read_note(identifier: str, marked: str) -> GoldNote:
    """The text of a marked note, and its marks as spans of that text."""
    note = GoldNote(identifier)
    pieces: list[str] = []
    spans: list[tuple[str, str, str, int, int]] = []
    place = length = 0
    for mark in _MARK.finditer(marked):
        pieces.append(marked[place : mark.start()])
        length += len(pieces[-1])
        if mark[5]:
            note.sections.append((mark[5], length))
        else:
            pieces.append(mark[4])
            spans.append((mark[1], mark[2], mark[3], length, length + len(mark[4])))
            length += len(mark[4])
        place = mark.end()
    note.text = "".join([*pieces, marked[place:]])
    _add_problems(note, spans)
    _add_medications(note, spans)
    _add_values(note, spans)
    return note


def _add_problems(note: GoldNote, spans: list[tuple[str, str, str, int, int]]) -> None:
    for letter, _, flags, start, end in spans:
        if letter == "P":
            assertion = frozenset(_FLAGS[flag] for flag in flags)
            note.problems.append(GoldProblem(start, end, assertion))


def _add_medications(note: GoldNote, spans: list[tuple[str, str, str, int, int]]) -> None:
    by_number: dict[str, GoldMedication] = {}
    for letter, number, flags, start, end in spans:
        if letter == "M":
            status = next((_STATUSES[flag] for flag in flags if flag in _STATUSES), "taken")
            by_number.setdefault(number, GoldMedication(start, end, status))
            if by_number[number].start != start:
                raise ValueError(f"{note.id} has two medications {number}")
            note.medications.append(by_number[number])
    for letter, number, _, start, end in spans:
        if letter in _KINDS:
            by_number[number].attributes.append((_KINDS[letter], start, end))


def _add_values(note: GoldNote, spans: list[tuple[str, str, str, int, int]]) -> None:
    tests = {number: (start, end) for letter, number, _, start, end in spans if letter == "T"}
    # A unit stands behind its value; a value without a test is a size, which nobody looks for.
    for index, (letter, number, _, start, end) in enumerate(spans):
        if letter == "V" and number in tests:
            following = spans[index + 1] if index + 1 < len(spans) else None
            unit = None
            if following is not None and following[:2] == ("U", number):
                unit = (following[3], following[4])
            note.values.append(GoldValue(tests[number], (start, end), unit))
