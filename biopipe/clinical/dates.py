"""Dates and relative times of clinical notes in ISO 8601, as a predictor.

Patterns and a table of phrases say where a time is told; the package python-dateutil says what day a
date or a time that counts from the note is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from biopipe.clinical.phrases import PhraseHit, PhraseTable
from biopipe.clinical.units import DAYS_OF_PERIOD, EXTRA, ISO_PERIODS
from biopipe.clinical.words import NumberWords
from biopipe.document import Document, Predictor, PredictorInfo, TimeExpression
from biopipe.document.sections import section_of
from biopipe.errors import ConfigError
from biopipe.extras import require
from biopipe.language.tables import read_table
from biopipe.text.sentences import sentences_of

__all__ = ["DATE_ORDERS", "DateFinder"]

DATE_ORDERS = ("MDY", "DMY", "YMD")
"""How a date of three numbers may be meant."""

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?:19|20)\d\d"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
# By how precise they are, the longest first.
_PATTERNS: Mapping[str, tuple[str, ...]] = {
    "day": (
        rf"{_YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}",
        rf"\d{{1,2}}([-/.])\d{{1,2}}\1(?:{_YEAR}|\d\d)",
        rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",
        rf"{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}",
        rf"{_DAY}-{_MONTH}-(?:{_YEAR}|\d\d)",
    ),
    "month": (rf"{_MONTH},?\s+(?:of\s+)?{_YEAR}", rf"(?:0?[1-9]|1[0-2])/{_YEAR}"),
    "undated": (
        rf"{_MONTH}\s+{_DAY}",
        rf"{_DAY}\s+(?:of\s+)?{_MONTH}",
        # A fraction, a score or a blood pressure unless a word leads to a day.
        r"(?:(?<=\bon )|(?<=\bsince )|(?<=\bfrom )|(?<=\buntil )|(?<=\bdated ))\d{1,2}/\d{1,2}",
    ),
    "year": (
        rf"(?<=\(){_YEAR}(?=[),;])",
        rf"(?:(?<=\bin )|(?<=\bsince )|(?<=\bof )|(?<=\bfrom )|(?<=\buntil )|(?<=\bby )){_YEAR}",
    ),
}  # fmt: skip
_YEAR_FIRST = re.compile(rf"{_YEAR}\D")
# Three numbers, of which the first or the second can be no month.
_NUMBERS = re.compile(r"(?<![\w./-])(\d{1,2})([-/.])(\d{1,2})\2(?:\d{4}|\d\d)(?![\w/-]|\.\d)")
_LAST_MONTH = 12
_LENGTHS = {"year": 4, "month": 7, "day": 10, "undated": 10}
_PERIOD_NAMES = {"min": "minutes", "h": "hours", "d": "days", "wk": "weeks", "mo": "months",
                 "a": "years"}  # fmt: skip
# "2 years ago" tells a year, "3 months ago" a month.
_PRECISION = {"a": "year", "mo": "month"}
_SHORTEST = 3
_FRACTION = re.compile(r"/\d")


class DateFinder(Predictor):
    """Finds times in notes. `order` says how 3/4/2019 is meant, one of DATE_ORDERS.

    Times that count from the day of the note ("2 weeks ago") get a date where the document's meta
    has a `date`; those that count from an event keep their offset alone. A document's own times are
    replaced. Needs the package python-dateutil.
    """

    def __init__(self, order: str = "MDY") -> None:
        if order not in DATE_ORDERS:
            raise ConfigError(
                f"The order of dates is '{order}'; give one of {', '.join(DATE_ORDERS)}."
            )
        self._parser = require("dateutil.parser", EXTRA)
        self._delta = require("dateutil.relativedelta", EXTRA).relativedelta
        self._order, self._words = order, NumberWords()
        self._periods = {word: unit for word, unit, _ in _rows("periods")}
        self._patterns = [
            (precision, re.compile(rf"(?<![\w/.-]){pattern}(?![\w/]|[-.]\d)", re.IGNORECASE))
            for precision, patterns in _PATTERNS.items()
            for pattern in patterns
        ]
        self._phrases = PhraseTable(
            ((phrase, (offset, anchor)) for phrase, offset, anchor, _ in _rows("relative_times")),
            self._words,
            {"period": tuple(self._periods)},
        )

    @property
    def info(self) -> PredictorInfo:
        """Gives times."""
        return PredictorInfo(name="dates", gives=frozenset({"times"}))

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with their times, in the order of the text."""
        return [replace(document, times=tuple(self._times(document))) for document in documents]

    def _times(self, document: Document) -> list[TimeExpression]:
        day, order = self._day_of(document), self._order_of(document.text)
        times: list[TimeExpression] = []
        for sentence in sentences_of(document):
            dates = list(self._dates(document.text, sentence.start, sentence.end, day, order))
            taken = [(date.start, date.end) for date in dates]
            relative = self._relative(document.text, sentence.start, sentence.end, day)
            dates += [
                time
                for time in relative
                if not any(time.start < end and start < time.end for start, end in taken)
            ]
            times += sorted(dates, key=lambda time: time.start)
        return [_with_section(document, time) for time in times]

    def _day_of(self, document: Document) -> datetime | None:
        """The day of a note, where its meta has one to the day."""
        date = document.meta.get("date", "")
        if len(date) < _LENGTHS["day"]:
            return None
        return self._parsed(date, None, order="YMD")

    def _order_of(self, text: str) -> str:
        """The order of the dates of a note: that of those which can be read in one way only, where
        they agree ("14/03/2024"), else the finder's own.
        """
        told = set()
        for first, _, second in _NUMBERS.findall(text):
            if int(first) > _LAST_MONTH >= int(second):
                told.add("DMY")
            elif int(second) > _LAST_MONTH >= int(first):
                told.add("MDY")
        return told.pop() if len(told) == 1 and self._order != "YMD" else self._order

    def _dates(
        self, text: str, start: int, end: int, day: datetime | None, order: str
    ) -> Iterator[TimeExpression]:
        free = start
        matches = [
            (match.start(), -match.end(), precision)
            for precision, pattern in self._patterns
            for match in pattern.finditer(text, start, end)
        ]
        for first, minus_last, precision in sorted(matches):
            last = -minus_last - text[first:-minus_last].endswith(".")
            if first < free or last - first < _SHORTEST:
                continue
            value = self._date_value(text[first:last], precision, day, order)
            if value is not None:
                yield TimeExpression("date", first, last, value=value)
                free = last

    def _date_value(
        self, written: str, precision: str, day: datetime | None, order: str
    ) -> str | None:
        """The ISO date, "" for a day without a year in a note without a date, None for no date."""
        if precision == "year":
            return written
        # Where dots part the numbers, the day comes first.
        dotted = _NUMBERS.fullmatch(written) is not None and "." in written
        parsed = self._parsed(written, day, order="DMY" if dotted else order)
        if parsed is None:
            return None
        if precision == "undated":
            if day is None:
                return ""
            # A note tells what was, unless it says otherwise.
            if parsed > day:
                parsed -= self._delta(years=1)
        return parsed.date().isoformat()[: _LENGTHS[precision]]

    def _relative(
        self, text: str, start: int, end: int, day: datetime | None
    ) -> Iterator[TimeExpression]:
        words = self._words.words(text, start, end)
        for hit in self._phrases.find(words):
            sign, anchor = hit.meaning
            first, last = words[hit.first].start, words[hit.last - 1].end
            if _FRACTION.match(text, last):
                continue  # "every other day 4/1"
            offset, value = self._offset(sign, hit), ""
            if anchor == "note" and day is not None:
                value = self._relative_value(sign, hit, day)
            yield TimeExpression("relative", first, last, value, offset, anchor)

    def _offset(self, sign: str, hit: PhraseHit[tuple[str, str]]) -> str:
        if sign not in ("+", "-"):
            days = hit.numbers[0].low if sign == "n" and hit.numbers else sign.strip("+-d")
            if sign == "n":
                return f"+P{days:g}D" if hit.numbers else ""
            return f"{'-' if sign.startswith('-') else '+'}P{days}D"
        unit = self._unit(hit)
        amount = hit.numbers[0].low if hit.numbers else 1
        return sign + ISO_PERIODS[unit].format(f"{amount:g}")

    def _relative_value(self, sign: str, hit: PhraseHit[tuple[str, str]], day: datetime) -> str:
        if sign not in ("+", "-"):
            days = int(sign.strip("+-d")) * (-1 if sign.startswith("-") else 1)
            return (day + timedelta(days=days)).date().isoformat()
        unit = self._unit(hit)
        amount = hit.numbers[0].low if hit.numbers else 1
        # A part of a month or a year is counted in days.
        if amount != int(amount):
            moved = timedelta(days=amount * DAYS_OF_PERIOD[unit])
        else:
            moved = self._delta(**{_PERIOD_NAMES[unit]: int(amount)})
        reached = day - moved if sign == "-" else day + moved
        return str(reached.date().isoformat()[: _LENGTHS[_PRECISION.get(unit, "day")]])

    def _unit(self, hit: PhraseHit[tuple[str, str]]) -> str:
        return next((self._periods[word] for word in hit.members if word in self._periods), "d")

    def _parsed(self, written: str, day: datetime | None, *, order: str = "") -> datetime | None:
        order = "YMD" if _YEAR_FIRST.match(written) else order or self._order
        # What the text leaves out is that of the default: a day without a year is of the note's.
        first = (day or datetime(2000, 1, 1)).replace(day=1)
        try:
            parsed = self._parser.parse(
                written, default=first, dayfirst=order == "DMY", yearfirst=order == "YMD"
            )
        except (ValueError, OverflowError):
            return None
        return parsed if isinstance(parsed, datetime) else None


def _rows(name: str) -> list[tuple[str, ...]]:
    return read_table("biopipe.clinical", f"tables/{name}.tsv")


def _with_section(document: Document, time: TimeExpression) -> TimeExpression:
    section = section_of(document, time.start)
    return replace(time, section=section.category) if section else time
