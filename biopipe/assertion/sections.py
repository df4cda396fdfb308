"""Headings of clinical notes: what a section such as FAMILY HISTORY says of all its mentions."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from biopipe.assertion.lexicon import CategoriesByLabel, Lexicon
from biopipe.assertion.triggers import lowered, words

__all__ = ["AssertedHeading", "headings", "section_at"]

_LONGEST = 80
# Headings that no trigger file knows: in capitals, after a line's or a sentence's end or a gap; or
# a whole line.
_IN_CAPITALS = re.compile(r"(?:^|[.;!?]\s|\s\s)\s{0,8}[A-Z][A-Z0-9 ,/&()\-]*$")
_WHOLE_LINE = re.compile(r"^\s{0,8}[A-Z][\w ,/&()\-]*$")
_NOTHING: CategoriesByLabel = frozenset()


@dataclass(frozen=True, slots=True)
class AssertedHeading:
    """Where a heading stands, its colon included, and what the section under it says."""

    start: int
    end: int
    assertions: CategoriesByLabel


def headings(text: str, lexicon: Lexicon) -> list[AssertedHeading]:
    """The headings that open or close a section, in order.

    A heading of the trigger file starts with a capital and stands before a colon or alone on its
    line. A section ends at the next one, and at a heading that the file does not know if that
    follows a blank line or is in capitals like the section's own; an unknown heading right under
    another belongs to its section.
    """
    sections: list[AssertedHeading] = []
    after_blank, offset = True, 0
    for line in text.split("\n"):
        for end in _ends(line):
            heading = _listed_heading(line, offset, end, lexicon)
            if heading is None and sections and sections[-1].assertions:
                heading = _unlisted_heading(
                    text, line[:end], offset, sections[-1], after_blank=after_blank
                )
            if heading is not None:
                sections.append(heading)
        after_blank = not line or line.isspace()
        offset += len(line) + 1
    return sections


def section_at(sections: Sequence[AssertedHeading], place: int) -> CategoriesByLabel:
    """The assertions of the section that a place of the text is in."""
    index = bisect_right(sections, place, key=lambda heading: heading.end) if sections else 0
    return sections[index - 1].assertions if index else _NOTHING


def _ends(line: str) -> Iterator[int]:
    """Where a heading may end: at each colon, or at the end of a short line without one."""
    colon = line.find(":")
    if colon < 0 and 0 < len(line) <= _LONGEST:
        yield len(line)
    while colon >= 0:
        yield colon
        colon = line.find(":", colon + 1)


def _listed_heading(line: str, offset: int, end: int, lexicon: Lexicon) -> AssertedHeading | None:
    first = max(0, end - _LONGEST)
    # Few lines end in a word that ends a heading; the others need no more looking at.
    last = words(lowered(line[first:end].rstrip().rpartition(" ")[2]))
    if not last or last[-1] not in lexicon.heading_ends:
        return None
    before = lowered(line[first:end])
    tokens = words(before)
    heading = lexicon.heading(tokens)
    if heading is None:
        return None
    start = first + _start_of(before, tokens[heading[0] :])
    # Without a colon only the whole line is a heading.
    if not line[start].isupper() or (end == len(line) and line[:start].strip()):
        return None
    return AssertedHeading(offset + start, offset + min(end + 1, len(line)), heading[1])


def _start_of(text: str, tail: Sequence[str]) -> int:
    """Where the last words of a text start."""
    place = len(text)
    for word in reversed(tail):
        place = text.rindex(word, 0, place)
    return place


def _unlisted_heading(
    text: str, before: str, offset: int, section: AssertedHeading, *, after_blank: bool
) -> AssertedHeading | None:
    """The end of a section at a heading that is not in the trigger file; `before` is the line as
    far as it.
    """
    end = offset + len(before)
    if text[end : end + 1] != ":":
        return None
    window = max(0, len(before) - _LONGEST)
    capitals = text[section.start : section.end].isupper() and _IN_CAPITALS.search(before, window)
    match = capitals or (after_blank and not window and _WHOLE_LINE.match(before))
    if not match or not text[section.end : offset + match.start()].strip():
        return None
    return AssertedHeading(offset + match.start(), end + 1, frozenset())
