"""Which meaning of a short form its surroundings speak for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from biopipe.clinical.short_forms.senses import ShortFormSense

__all__ = ["Surroundings", "sense_scores", "surroundings"]

_WORD = re.compile(r"\d+(?:[.,/]\d+)*|[A-Za-z]+(?:[/&'’.-]?[A-Za-z0-9]+)*|[^\w\s]")
_NUMBER = re.compile(r"\d")
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_WINDOW = 8
# A window of words is sought in this many characters, which eight words hardly ever exceed.
_CHARACTERS = 120
# What each sign counts beside the weight of a meaning, which is 1 for the usual one. They were set
# by hand, so that one sign outweighs the weights and a word right beside outweighs two others.
_SECTION, _CUE, _NEIGHBOUR, _WRITTEN_OUT = 1.5, 1.0, 2.0, 3.0
_MOST_CUES = 3


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The words around a short form in lower case: within eight, right before, right behind.

    `before` and `behind` hold the nearest words joined by spaces, up to three, so that "h/o" and
    "on room" are looked up alike.
    """

    words: frozenset[str]
    before: frozenset[str]
    behind: frozenset[str]
    section: str


def surroundings(text: str, start: int, end: int, section: str) -> Surroundings:
    """The surroundings of text[start:end]; a blank line ends them."""
    left, right = text[max(0, start - _CHARACTERS) : start], text[end : end + _CHARACTERS]
    left = left[max((gap.end() for gap in _BLANK_LINE.finditer(left)), default=0) :]
    gap = _BLANK_LINE.search(right)
    right = right[: gap.start()] if gap else right
    before, behind = _words(left)[-_WINDOW:], _words(right)[:_WINDOW]
    return Surroundings(
        frozenset([*before, *behind]),
        frozenset(" ".join(before[-count:]) for count in (1, 2, 3) if before),
        frozenset(" ".join(behind[:count]) for count in (1, 2, 3) if behind),
        section,
    )


def sense_scores(senses: Sequence[ShortFormSense], around: Surroundings, text: str) -> list[float]:
    """How much speaks for each meaning; `text` is the document's in lower case, in which a meaning
    that is written out counts.
    """
    return [
        sense.weight
        + _section_score(sense, around.section)
        + _cue_score(sense, around)
        + (_WRITTEN_OUT * min(sense.weight, 1) if sense.label and sense.long.lower() in text else 0)
        for sense in senses
    ]


def _section_score(sense: ShortFormSense, section: str) -> float:
    if not section:
        return 0
    return _SECTION * ((section in sense.sections) - (f"-{section}" in sense.sections))


def _cue_score(sense: ShortFormSense, around: Surroundings) -> float:
    near = beside = against = 0
    for cue in sense.cues:
        sign, words = (-1, cue[1:]) if cue.startswith("-") else (1, cue)
        words = words.lower()
        if words.endswith(" _"):
            beside += sign * (words[:-2] in around.before)
        elif words.startswith("_ "):
            beside += sign * (words[2:] in around.behind)
        elif sign < 0:
            against += words in around.words
        else:
            near += words in around.words
    return _CUE * min(near, _MOST_CUES) + _NEIGHBOUR * min(beside, 2) - _CUE * against


def _words(text: str) -> list[str]:
    """Words and marks in lower case, numbers as "#"."""
    return ["#" if _NUMBER.match(word) else word for word in _WORD.findall(text.lower())]
