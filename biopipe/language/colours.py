"""The colours of kinds of entities and the signs of assertions, one table each for every page,
picture and terminal.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from biopipe.language.tables import read_table

__all__ = [
    "INK",
    "AssertionMark",
    "LabelColour",
    "assertion_marks",
    "displacy_colours",
    "label_colour",
    "label_colours",
    "marks_of",
]

INK = "#1b1f24"
"""The colour of text, on white and on every fill."""

_OTHER_LABELS = "*"


@dataclass(frozen=True, slots=True)
class LabelColour:
    """Colours as "#rrggbb": `fill` goes behind text in INK, `line` stands on white (borders, nodes,
    arcs, words).
    """

    fill: str
    line: str


@dataclass(frozen=True, slots=True)
class AssertionMark:
    """A short sign that stands before a mention, and what it says in words."""

    sign: str
    words: str


@cache
def label_colours() -> Mapping[str, LabelColour]:
    """The colours of the labels that have their own, by label, in the order of the table."""
    return {label: colour for label, colour in _colour_rows() if label != _OTHER_LABELS}


def label_colour(label: str) -> LabelColour:
    """The colours of any label: its own, or of the spare ones the same in every process."""
    own = label_colours().get(label)
    if own is not None:
        return own
    spare = [colour for name, colour in _colour_rows() if name == _OTHER_LABELS]
    return spare[crc32(label.encode("utf-8", "surrogatepass")) % len(spare)]


def displacy_colours() -> dict[str, str]:
    """The fills by label, as spaCy's entry point `spacy_displacy_colors` wants them."""
    return {label: colour.fill for label, colour in label_colours().items()}


@cache
def assertion_marks() -> Mapping[str, AssertionMark]:
    """The signs by assertion, in the order of the table."""
    rows = read_table("biopipe.language", "assertion_marks.tsv")
    return {assertion: AssertionMark(sign, words) for assertion, sign, words in rows}


def marks_of(assertions: Iterable[str]) -> list[AssertionMark]:
    """The signs of some assertions, in the order of the table; one that the table lacks is its own
    sign.
    """
    given, marks = set(assertions), assertion_marks()
    others = [AssertionMark(name, name) for name in sorted(given - marks.keys())]
    return [mark for name, mark in marks.items() if name in given] + others


@cache
def _colour_rows() -> tuple[tuple[str, LabelColour], ...]:
    rows = read_table("biopipe.language", "label_colours.tsv")
    return tuple((label, LabelColour(fill, line)) for label, fill, line in rows)
