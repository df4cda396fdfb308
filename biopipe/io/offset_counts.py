"""Offsets as other programs count them: UTF-16 code units, or a line end of two characters as one.

Programs in JavaScript and Java count characters beyond the Basic Multilingual Plane twice, and
programs that open a file as text see CRLF as one character. Which of them wrote a file shows in the
copies of the annotated words beside the offsets.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["OffsetCount", "count_that_fits"]


@dataclass(frozen=True, slots=True)
class OffsetCount:
    """One way to count; `places[offset]` is the code point of the text at an offset, None where
    offsets are code points themselves."""

    places: Sequence[int] | None = None

    def place(self, offset: int) -> int:
        """The offset in code points; -1 where the text has no such offset."""
        if self.places is None:
            return offset
        return self.places[offset] if 0 <= offset < len(self.places) else -1


def count_that_fits(text: str, copies: Sequence[tuple[int, int, str]]) -> OffsetCount:
    """The way to count by which most of the copies, each (start, end, words), are the text at their
    offsets; code points where others fit no better."""
    best, most = OffsetCount(), -1
    for count in _counts(text):
        fitting = sum(
            text[count.place(start) : count.place(end)] == words
            for start, end, words in copies
            if count.place(start) >= 0
        )
        # Only if better: of equal ones the first, code points, is what the format says.
        if fitting > most:
            best, most = count, fitting
        if most == len(copies):
            break
    return best


def _counts(text: str) -> Iterator[OffsetCount]:
    yield OffsetCount()
    astral = bool(text) and max(text) > "\uffff"
    if astral:
        yield OffsetCount(_places(text, wide=True, joined=False))
    if "\r\n" in text:
        yield OffsetCount(_places(text, wide=False, joined=True))
        if astral:
            yield OffsetCount(_places(text, wide=True, joined=True))


def _places(text: str, *, wide: bool, joined: bool) -> list[int]:
    """The code point at each offset; `wide` counts UTF-16, `joined` CRLF as one."""
    places = []
    for index, character in enumerate(text):
        if joined and character == "\n" and index and text[index - 1] == "\r":
            continue
        places.append(index)
        if wide and character > "\uffff":
            places.append(index)
    return [*places, len(text)]
