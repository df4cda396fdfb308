"""Several values of one test: ranges before a value, arrows between values, columns of a table."""

import re
from collections.abc import Iterator

from biopipe.clinical.units import UnitReader

__all__ = ["cell_unit", "further_values", "past_range"]

_RANGE = re.compile(
    r"[\s:=]*(?:\[[^\[\]\n]{1,80}\]|\(\d{1,3}\s?-\s?\d{1,3}\)/\(\d{1,3}\s?-\s?\d{1,3}\))\s*(?=\d)"
)
_ARROW = re.compile(r"\s*(?:-+>|=>|→|➔)\s*(?=[<>]?\s?\d)")
_NUMBER = re.compile(r"[<>]?\s?(\d+(?:\.\d+)?)(?:\s?[%\w/]{0,8})?")
_FLAG = r"(?:[ ]?(?:\*|\(?[HL]{1,2}\)?))?"
_SEPARATOR = r"(?:[ ]*\t[ ]*|[ ]{2,}|[ ]*\|[ ]*)"
_COLUMN = re.compile(
    rf"{_FLAG}{_SEPARATOR}(?=(\d+(?:\.\d+|/\d{{2,3}})?){_FLAG}(?:[ ]*$|{_SEPARATOR}))"
)
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_CELL_END = re.compile(r"\t+|[ ]{2,}|[ ]*\|[ ]*")
# A column of a table of values of several times has a date, a time or a day at its head.
_TIME = re.compile(
    r"\b(?:\d{1,4}[/-]\d{1,2}(?:[/-]\d{2,4})?|\d{1,2}\.\d{1,2}\.\d{2,4}|\d{1,2}:\d\d|"
    r"(?:[01]\d|2[0-3])[0-5]\d|day\s?\d+)\b",
    re.IGNORECASE,
)
_MOST_ROWS = 40


def past_range(text: str, place: int, end: int) -> int | None:
    """Where the value begins behind a range of values in brackets that follows a test at once, as
    in "Heart rate: [68-88] 72"; None where there is no such range.
    """
    found = _RANGE.match(text, place, end)
    return found.end() if found else None


def further_values(text: str, place: int, end: int) -> Iterator[int]:
    """Where the numbers begin that follow a value which ends at `place`: behind arrows ("1.4 -> 2.1")
    or in the columns of other times.
    """
    arrow = _ARROW.match(text, place, end)
    if arrow is None:
        yield from _columns(text, place, end)
    while arrow is not None:
        number = _NUMBER.match(text, arrow.end(), end)
        if number is None:
            return
        yield number.start(1)
        arrow = _ARROW.match(text, number.end(), end) or _ARROW.match(text, number.end(1), end)


def cell_unit(text: str, place: int, end: int, units: UnitReader) -> str:
    """The unit, as a UCUM code, that is all of a cell behind a value in its row; "" for none."""
    newline = text.find("\n", place, end)
    row = text[place : newline if newline >= 0 else end]
    if _CELL_END.search(row) is None:
        return ""
    for cell in _CELL_END.split(row)[1:]:
        written = cell.strip()
        unit = units.read(written, 0, len(written)) if written else None
        if unit is not None and unit.end == len(written) and len(written) > 1:
            return unit.code
    return ""


def _columns(text: str, place: int, end: int) -> list[int]:
    """The numbers of the further columns of a row, where all of its cells are numbers and columns
    of the table are headed by times.
    """
    newline = text.find("\n", place, end)
    end = newline if newline >= 0 else end
    starts: list[int] = []
    column = _COLUMN.match(text, place, end)
    while column is not None:
        starts.append(column.start(1))
        place = column.end(1)
        column = _COLUMN.match(text, place, end)
    rest = text[place:end].strip(" *|()HL\t")
    return starts if starts and not rest and _heads_with_times(text, place) else []


def _heads_with_times(text: str, place: int) -> bool:
    """Whether one of the lines above, down to an empty one, has two times in columns."""
    last = text.rfind("\n", 0, place)
    for _ in range(_MOST_ROWS):
        if last < 0:
            return False
        first = text.rfind("\n", 0, last) + 1
        line = text[first:last]
        if not line.strip():
            return False
        if len(_TIME.findall(line)) > 1 and _CELL_END.search(line.strip()):
            return True
        last = first - 1
    return False
