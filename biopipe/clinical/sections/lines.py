"""The lines of a note: where they are, what marks stand before their text, and what breaks pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Line", "note_lines"]

# A bullet, a box, "1." or "2)" or "(a)" or "IV.", each with a space behind it; "#" as in "# HTN".
_MARK = re.compile(
    r"(?:[-*\u2022\u00b7\u25aa\u25cf\u25e6\u2023\u2013+>o#]+|\[[ xX]?\]|\(?\d{1,2}[.)]|\d{1,2}\.\d{1,2}\.?|"
    r"\(?[A-Za-z]\)|[A-Z]\.|[IVX]{1,4}[.)])[ \t]+(?=\S)"
    # "1.HTN", "-HTN" and "•HTN".
    r"|\d{1,2}[.)](?=[A-Za-z])|[-\u2022\u25cf](?=[A-Za-z])"
)
_PAGE_BREAK = re.compile(
    r"[ \t]*(?:[-=_*~\u2014]{3,}|\d{1,3}\s+of\s+\d{1,3}|page\s+\d{1,3}(?:\s*(?:of|/)\s*\d{1,3})?)[ \t\f]*",
    re.IGNORECASE,
)
_LINE_END = re.compile(r"\r\n|[\n\r\f\v\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line from `start` to `end` without the white space around it.

    `body` is where its text begins behind the bullet, number or box that marks it as an item of a
    list, else `start`. `indent` counts the characters of white space before it. A `blank` line has
    no text; rules and page numbers count as blank.
    """

    start: int
    end: int
    body: int
    indent: int
    blank: bool

    @property
    def is_item(self) -> bool:
        """Whether a bullet, a number or a box stands before its text."""
        return self.body > self.start


def note_lines(text: str) -> Iterator[Line]:
    """The lines of a text in order, those without text too."""
    start = 0
    for end in _LINE_END.finditer(text):
        yield _line(text, start, end.start())
        start = end.end()
    yield _line(text, start, len(text))


def _line(text: str, first: int, last: int) -> Line:
    stretch = text[first:last]
    stripped = stretch.strip()
    start = first + len(stretch) - len(stretch.lstrip())
    end = start + len(stripped)
    if not stripped or _PAGE_BREAK.fullmatch(stripped):
        return Line(start, end, start, 0, True)
    body = start
    # "- [ ] Aspirin" and "1. a) HTN" have two marks.
    for _ in range(2):
        mark = _MARK.match(text, body, end)
        if mark is None:
            break
        body = mark.end()
    return Line(start, end, body, start - first, False)
