"""The stretches of text that a scope cannot leave: sentences, and the items and lines of notes
inside them.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from biopipe.assertion.lexicon import Lexicon
from biopipe.assertion.sections import Heading, headings, section_at
from biopipe.document import Document
from biopipe.text.sentences import sentences_of

__all__ = ["Stretch", "stretches"]

_ITEM = re.compile(r"[ \t]*(?:[-*•·+>]|\(?\d{1,2}[.)]|\(?[A-Za-z]\))[ \t]")
_NUMBERED = re.compile(r"(?<=\s)\d{1,2}\)\s")
# Nobody wraps text at less.
_NARROWEST = 60
_WORD = re.compile(r"[ \t]*(\S{1,40})")


class Stretch(NamedTuple):
    """A stretch of text, the indices of its mentions in order, and what its section says of
    them.
    """

    start: int
    end: int
    mentions: Sequence[int]
    section: frozenset[str]


def stretches(document: Document, lexicon: Lexicon) -> Iterator[Stretch]:
    """Those with mentions, in order.

    A sentence ends early at a heading, before an item of a list, and where its author broke a line
    on purpose: the next line starts with a capital or a digit, and its first word would have had
    room on this one. Room is what the longest line has, and before a word like "Cough", which is no
    abbreviation, at least 60 characters.
    """
    text, mentions = document.text, document.mentions
    if not mentions:
        return
    in_order = sorted([(mention.start, index) for index, mention in enumerate(mentions)])
    starts, order = [start for start, _ in in_order], [index for _, index in in_order]
    lines = "\n" in text
    sections = headings(text, lexicon) if lines or ":" in text else []
    width = max(map(len, text.split("\n"))) if lines else 0
    first = 0
    for sentence in sentences_of(document):
        start, end = sentence.start, sentence.end
        last = bisect_left(starts, end, first)
        if last > first:
            cuts = _cuts(text, start, end, sections, width)
            for piece, until in zip([start, *cuts], [*cuts, end], strict=True):
                here = bisect_left(starts, until, first, last)
                if here > first:
                    yield Stretch(piece, until, order[first:here], section_at(sections, piece))
                first = here


def _cuts(text: str, start: int, end: int, sections: Sequence[Heading], width: int) -> list[int]:
    """Where the sentence from `start` to `end` is cut, in order."""
    cuts: list[int] = []
    if sections:
        for heading in sections[bisect_right(sections, start, key=lambda heading: heading.end) :]:
            if heading.start >= end:
                break
            cuts += [heading.start, heading.end]
    if text.find(")", start, end) >= 0:
        cuts += [match.start() for match in _NUMBERED.finditer(text, start, end)]
    if width:
        cuts += _line_breaks(text, start, end, width)
    return sorted({cut for cut in cuts if start < cut < end}) if cuts else []


def _line_breaks(text: str, start: int, end: int, width: int) -> Iterator[int]:
    line = text.rfind("\n", 0, start) + 1
    newline = text.find("\n", start, end)
    while newline >= 0:
        if _on_purpose(text, line, newline, width):
            yield newline + 1
        line = newline + 1
        newline = text.find("\n", line, end)


def _on_purpose(text: str, line: int, newline: int, width: int) -> bool:
    """Whether the line from `line` to `newline` ends because its author wanted it to."""
    if _ITEM.match(text, newline + 1):
        return True
    word = _WORD.match(text, newline + 1)
    if word is None or not (word[1][0].isupper() or word[1][0].isdecimal()):
        return False
    if word[1][1:2].islower():
        width = max(width, _NARROWEST)
    return text[newline - 1] not in ",-/(" and newline - line + 1 + len(word[1]) <= width
