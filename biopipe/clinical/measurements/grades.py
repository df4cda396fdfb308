"""Values of scores and classes: Roman numbers and capitals, two numbers of an Apgar score."""

import re

from biopipe.clinical.measurements.tests import GRADE, LaboratoryTest
from biopipe.clinical.measurements.values import WrittenValue

__all__ = ["as_decade", "read_grade", "second_score", "sum_behind", "with_sign"]

_ROMAN = {"I": 1.0, "II": 2.0, "III": 3.0, "IV": 4.0, "V": 5.0}
_GRADE = re.compile(
    r"[\s:=(]{0,3}(?:(?:class|grade|category|classification|status|type|stage)\s?(?:of|is|was)?[\s:=]{0,2})?"
    r"(?P<grade>I{1,3}|IV|V|[A-E])(?P<points>\s?\d{1,2})?(?![\w/])(?!-[a-z])"
)
_SECOND = re.compile(
    r"(?:\s?(?:at|@)\s?(?:\d{1,2}|one|five|ten)\s?(?:minutes?|mins?|m)?\b)?"
    r"(?:\s?(?:/|,|;|&)\s?(?:and\s)?|\s(?:and|then)\s)(\d{1,2}(?:/10)?)(?![\d/%]|\.\d)(?!\s?min)"
)
_SUM = re.compile(r"\s?\d?\s?\+\s?\d\s?=\s?(?=\d)")


def read_grade(text: str, place: int, end: int, test: LaboratoryTest) -> WrittenValue | None:
    """The class of a test that stands right behind it, as in "NYHA class II" and "Child-Pugh B8".

    A Roman number is that number; a capital has none, unless points stand right behind it. None
    where the test has no classes, or none that far up.
    """
    unit = next((unit for unit in test.units if unit.code == GRADE), None)
    match = _GRADE.match(text, place, end) if unit else None
    if match is None or unit is None:
        return None
    grade, points = match["grade"], match["points"]
    rank = _ROMAN.get(grade) or float(ord(grade) - ord("A") + 1)
    if not unit.lowest <= rank <= unit.highest or (points and grade in _ROMAN):
        return None
    number = _ROMAN.get(grade) if not points else float(points)
    return WrittenValue(match.start("grade"), match.end(), "", number, number, None, "", "")


def second_score(text: str, place: int, end: int) -> tuple[int, int] | None:
    """From where to where the next number of a list of scores stands: "8 and 9", "8/9", "7/10 at
    1 minute and 8/10".
    """
    match = _SECOND.match(text, place, end)
    return (match.start(1), match.end(1)) if match else None


def sum_behind(text: str, place: int, end: int) -> int | None:
    """Where the sum begins of which parts stand at `place`: "3+4=7"."""
    match = _SUM.match(text, place, end)
    return match.end() if match else None


def with_sign(text: str, value: WrittenValue) -> WrittenValue:
    """The value below zero where a minus stands before it, as in "RASS -2"."""
    before = text[max(0, value.start - 2) : value.start]
    if value.low is None or value.high is None or before[-1:] not in "-−–" or before[:1].isalnum():
        return value
    return value._replace(start=value.start - 1, low=-value.low, high=-value.high)


def as_decade(text: str, value: WrittenValue) -> WrittenValue | None:
    """A value read in seconds as one of a decade: "80s" is from 80 to 89; None for any other."""
    written = text[value.start : value.end]
    if value.unit != "s" or value.low is None or value.low % 10 or not written[:-1].isdigit():
        return None
    return value._replace(high=value.low + 9, unit="")
