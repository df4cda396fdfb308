"""Publication dates as ISO, as precise as the source has them: 2016, 2016-03, 2016-03-04."""

import re

__all__ = ["iso_date", "loose_date"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# 1500 to 2199: other numbers of four digits are counts and pages.
_YEAR = re.compile(r"(?<!\d)(1[5-9][0-9]{2}|2[01][0-9]{2})(?!\d)")
_NUMBER = re.compile(r"0*([0-9]{1,2})")
_YEAR_MONTH = re.compile(_YEAR.pattern + r"[\s-]+([A-Za-z]{3})[a-z]*(?:\s+([0-9]{1,2})(?!\d))?")


def iso_date(year: str, month: str = "", day: str = "") -> str:
    """Empty without a year; a month is a number or an English name; what is not a date is left
    out.
    """
    if not _YEAR.fullmatch(year.strip()):
        return ""
    number = _month(month.strip())
    if not number:
        return year.strip()
    date = _number(day.strip())
    if 1 <= date <= 31:
        return f"{year.strip()}-{number:02d}-{date:02d}"
    return f"{year.strip()}-{number:02d}"


def loose_date(text: str) -> str:
    """The first date in running text such as MEDLINE's "1998 Dec-1999 Jan", "Summer 2000"."""
    if month := _YEAR_MONTH.search(text):
        return iso_date(month[1], month[2], month[3] or "")
    year = _YEAR.search(text)
    return year[1] if year else ""


def _month(text: str) -> int:
    if text.isdecimal():
        month = _number(text)
        return month if month <= 12 else 0
    return _MONTHS.index(text[:3].lower()) + 1 if text[:3].lower() in _MONTHS else 0


def _number(text: str) -> int:
    """A number of two digits at most, else 0; Python refuses to read one of thousands."""
    number = _NUMBER.fullmatch(text)
    return int(number[1]) if number else 0
