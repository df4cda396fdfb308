"""Finds what says how a drug is taken: strengths, doses, forms, routes, frequencies, durations.

What is found is tied to no drug yet; see `biopipe.clinical.medications.binding`.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from biopipe.clinical.phrases import PhraseHit, PhraseTable
from biopipe.clinical.units import DAYS_OF_PERIOD, ISO_PERIODS, UnitReader, UnitSpan
from biopipe.clinical.words import NUMBER, NoteWord, NumberWords
from biopipe.document import MedicationAttribute
from biopipe.document.attributes import DOSE, DURATION, FORM, FREQUENCY, ROUTE, STRENGTH
from biopipe.language.tables import read_table

__all__ = ["AttributeReader"]

_PACKAGE = "biopipe.clinical.medications"
_PER = ("a", "an", "per", "each", "every", "/")
# What drugs are measured in; a unit per litre or decilitre is that of a laboratory.
_DRUG_UNITS = frozenset(
    {"ng", "ug", "mg", "g", "uL", "mL", "L", "[IU]", "U", "m[IU]", "mU", "meq", "mmol", "umol",
     "%",      "10*6.[IU]", "Gy", "cGy", "mCi", "MBq"}
)  # fmt: skip
_LABORATORY = frozenset({"dL", "L", "uL", "fL"})
# "400/80 mg", "250-50 mcg": the other strengths of a compound.
_MOST_COMPOUND = 3


# "1-0-1", "1/2-0-0-1": so many in the morning, at noon, in the evening and at night.
_COUNT = r"(?:\d(?:[.,]5)?|1/[24]|[½¼])"
_SCHEME = re.compile(rf"(?<![\w.,/-]){_COUNT}(?:\s?-\s?{_COUNT}){{2,3}}(?![\w/-]|[.,]\d)")


_NIGHTLY = re.compile(r"ON(?=\s*(?:$|[\n,;.()-]|[A-Z]))")


class _Meaning(NamedTuple):
    """What a row of one of the tables says: the kind, the value, and for a frequency its rate."""

    kind: str
    value: str
    times: str = ""
    period: str = ""
    unit: str = ""
    when: str = ""


class AttributeReader:
    """Finds the attributes of medications in words; the tables are files beside this one."""

    def __init__(self, words: NumberWords, units: UnitReader) -> None:
        self._units = units
        self._periods = {word: unit for word, unit, _ in _rows("biopipe.clinical", "periods")}
        classes = {"per": _PER, "period": tuple(self._periods)}
        self._table = PhraseTable(_phrases(), words, classes)

    def read(self, text: str, words: Sequence[NoteWord]) -> list[MedicationAttribute]:
        """The attributes among the words, in order, none inside another."""
        attributes: list[MedicationAttribute] = []
        place = 0
        while place < len(words):
            start = words[place].start
            attribute, place = self._at(text, words, place)
            if attribute is None and attributes and _is_nightly(text, start, attributes[-1]):
                attribute = MedicationAttribute(
                    FREQUENCY, start, start + 2, value="1/d NIGHT", amount=1.0
                )
            if attribute is not None:
                attributes.append(attribute)
        return attributes

    def _at(
        self, text: str, words: Sequence[NoteWord], place: int
    ) -> tuple[MedicationAttribute | None, int]:
        """The attribute that begins at a word, and the word to go on with."""
        hit = self._table.at(words, place)
        scheme = _SCHEME.match(text, words[place].start, words[-1].end)
        if scheme is not None:
            ahead = [i for i, word in enumerate(words) if word.start >= scheme.end()]
            return _daily(scheme), ahead[0] if ahead else len(words)
        if hit is not None and words[place].form == "/" and text[words[place].start - 1].isdigit():
            return None, place + 1  # "BP 98/60 hr 112"
        if words[place].form == NUMBER:
            strength = self._strength(text, words, place)
            if strength is not None:
                return strength
            counted = self._table.at(words, place + 1) if place + 1 < len(words) else None
            if counted is not None and counted.meaning.kind == FORM:
                return _dose(words[place], words[counted.last - 1], counted.meaning), counted.last
        if hit is None:
            return None, place + 1
        return self._from_phrase(words, hit), hit.last

    def _strength(
        self, text: str, words: Sequence[NoteWord], place: int
    ) -> tuple[MedicationAttribute, int] | None:
        first, last = words[place], place
        # "400 / 80 mg", "875-125 mg": the unit stands behind the last number.
        for _ in range(_MOST_COMPOUND):
            if _is_slash(words, last + 1) and words[last + 2].form == NUMBER:
                last += 2
            elif _is_hyphened(text, words, last):
                last += 1
        start = words[last].end
        # Also the thin spaces of printed texts.
        gap = 1 if text[start : start + 1].isspace() or text[start : start + 1] == "-" else 0
        limit = words[-1].end
        unit = self._units.read(text, start + gap, limit)
        if unit is None or not _measures_drugs(unit.code) or _is_no_unit(text, first, unit):
            return self._bare_compound(words, place, last)
        ahead = next((i for i in range(last, len(words)) if words[i].start >= unit.end), len(words))
        attribute = MedicationAttribute(
            STRENGTH,
            first.start,
            unit.end,
            amount=first.low,
            upper_amount=first.high if first.high != first.low else None,
            unit=unit.code,
        )
        return attribute, ahead

    def _bare_compound(
        self, words: Sequence[NoteWord], place: int, last: int
    ) -> tuple[MedicationAttribute, int] | None:
        """The strengths of a compound before its form, without a unit: "400/80 tab"."""
        following = self._table.at(words, last + 1) if last + 1 < len(words) else None
        if last == place or following is None or following.meaning.kind != FORM:
            return None
        first = words[place]
        return (
            MedicationAttribute(STRENGTH, first.start, words[last].end, amount=first.low),
            last + 1,
        )

    def _from_phrase(
        self, words: Sequence[NoteWord], hit: PhraseHit[_Meaning]
    ) -> MedicationAttribute:
        meaning = hit.meaning
        start, end = words[hit.first].start, words[hit.last - 1].end
        if meaning.kind == FREQUENCY:
            return self._frequency(start, end, hit)
        if meaning.kind == DURATION:
            return self._duration(start, end, hit)
        return MedicationAttribute(meaning.kind, start, end, value=meaning.value)

    def _frequency(self, start: int, end: int, hit: PhraseHit[_Meaning]) -> MedicationAttribute:
        meaning = hit.meaning
        if not meaning.times:
            return MedicationAttribute(FREQUENCY, start, end)
        number = hit.numbers[0] if hit.numbers else None
        unit = self._period(hit) if meaning.unit == "{period}" else meaning.unit
        times = number if meaning.times == "n" else None
        period = number if meaning.period == "n" else None
        low = times.low if times else float(meaning.times)
        high = times.high if times else low
        # Every four to six hours is at least every six.
        longest = period.high if period else float(meaning.period)
        shortest = period.low if period else longest
        rate = low / (longest * DAYS_OF_PERIOD[unit])
        upper = high / (shortest * DAYS_OF_PERIOD[unit])
        value = f"{low:g}/{'' if longest == 1 else f'{longest:g}'}{unit}"
        return MedicationAttribute(
            FREQUENCY,
            start,
            end,
            value=f"{value} {meaning.when}".strip(),
            amount=round(rate, 6),
            upper_amount=round(upper, 6) if upper != rate else None,
        )

    def _duration(self, start: int, end: int, hit: PhraseHit[_Meaning]) -> MedicationAttribute:
        count = {"": None, "1": (1.0, 1.0)}.get(hit.meaning.value)
        if hit.meaning.value == "n":
            count = hit.numbers[0].low, hit.numbers[0].high
        if count is None:
            return MedicationAttribute(DURATION, start, end)
        low, high = count
        unit = self._period(hit)
        return MedicationAttribute(
            DURATION,
            start,
            end,
            value=ISO_PERIODS[unit].format(f"{low:g}"),
            amount=round(low * DAYS_OF_PERIOD[unit], 6),
            upper_amount=round(high * DAYS_OF_PERIOD[unit], 6) if high != low else None,
            unit="d",
        )

    def _period(self, hit: PhraseHit[_Meaning]) -> str:
        return next(self._periods[word] for word in reversed(hit.members) if word in self._periods)


def _phrases() -> Iterator[tuple[str, _Meaning]]:
    """All phrases; of one that stands in two tables the later meaning counts."""
    for phrase, form, _ in _rows(_PACKAGE, "forms"):
        yield phrase, _Meaning(FORM, form)
    for phrase, route, _ in _rows(_PACKAGE, "routes"):
        yield phrase, _Meaning(ROUTE, route)
    for phrase, kind, value, _ in _rows(_PACKAGE, "sayings"):
        yield phrase, _Meaning(kind, value)
    for phrase, times, period, unit, when, _ in _rows(_PACKAGE, "frequencies"):
        yield phrase, _Meaning(FREQUENCY, "", times, period, unit, when)


def _is_no_unit(text: str, number: NoteWord, unit: UnitSpan) -> bool:
    """Whether letters behind a number say something else: the left side behind a score ("pain 3/10
    L hip"), the next test of a row ("K>4 Mg>2").
    """
    scored = "/" in (text[number.start - 1], text[number.end : number.end + 1])
    return (unit.code == "L" and scored) or text[unit.end : unit.end + 1] in tuple("<>=")


def _rows(package: str, name: str) -> list[tuple[str, ...]]:
    return read_table(package, f"tables/{name}.tsv")


def _dose(number: NoteWord, last: NoteWord, form: _Meaning) -> MedicationAttribute:
    return MedicationAttribute(
        DOSE,
        number.start,
        last.end,
        value=form.value,
        amount=number.low,
        upper_amount=number.high if number.high != number.low else None,
        unit=f"{{{form.value}}}",
    )


def _daily(scheme: re.Match[str]) -> MedicationAttribute:
    """The frequency of a scheme of the times of a day, such as 1-0-1: twice."""
    counts = [count.strip() for count in scheme[0].split("-")]
    times = sum(count != "0" for count in counts)
    value = f"{times}/d" if times else ""
    return MedicationAttribute(
        FREQUENCY, scheme.start(), scheme.end(), value=value, amount=float(times) or None
    )


def _is_nightly(text: str, start: int, before: MedicationAttribute) -> bool:
    """Whether "ON" (omne nocte) stands in capitals right behind an amount: "ramipril 2.5 mg ON"."""
    line = text.rfind("\n", 0, start) + 1
    behind = before.kind in (STRENGTH, DOSE) and not text[before.end : start].strip()
    return behind and _NIGHTLY.match(text, start) is not None and not text[line:start].isupper()


def _is_slash(words: Sequence[NoteWord], place: int) -> bool:
    return place + 1 < len(words) and words[place].form == "/"


def _is_hyphened(text: str, words: Sequence[NoteWord], place: int) -> bool:
    """Whether a hyphen and another number follow a number; hyphens are no words."""
    if place + 1 >= len(words) or words[place + 1].form != NUMBER:
        return False
    return text[words[place].end : words[place + 1].start] == "-"


def _measures_drugs(code: str) -> bool:
    first, *below = code.split("/")
    if first == "ng" and "mL" in below:
        return False
    return first in _DRUG_UNITS and not _LABORATORY.intersection(below)
