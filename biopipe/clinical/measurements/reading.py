"""Ties values to tests in the words of a line or a sentence."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from biopipe.clinical.measurements.between import (
    ENDS,
    FoundTest,
    Run,
    first_behind,
    is_condition,
    joined_by_slash,
    last_of_change,
    number_follows,
    run_of,
    words_between,
)
from biopipe.clinical.measurements.grades import (
    as_decade,
    read_grade,
    second_score,
    sum_behind,
    with_sign,
)
from biopipe.clinical.measurements.series import cell_unit, further_values
from biopipe.clinical.measurements.tests import (
    APGAR,
    BLOOD_PRESSURE,
    PLAIN_NUMBERS,
    UNKNOWN_UNIT,
    LaboratoryTest,
)
from biopipe.clinical.measurements.unlisted import UnlistedTests
from biopipe.clinical.measurements.values import (
    COMPARISONS,
    TestValue,
    ValueReader,
    WrittenValue,
)
from biopipe.clinical.phrases import PhraseTable
from biopipe.clinical.units import UnitReader
from biopipe.clinical.words import NUMBER, NoteWord, NumberWords
from biopipe.language.tables import read_table

__all__ = ["MeasurementReader"]

# Words between a test and a number with one of its units; without a unit all must be connectors.
_WIDEST_GAP = 8
# "Weight gain of 3 lb" is no weight, and "low K diet" no potassium.
_CHANGES = frozenset({"change", "changes", "diet", "gain", "gained", "gains", "loss", "lost"})
_LISTING = frozenset({",", "and", "or", "/", ", and", "&"})

# "PT for 4 months": no test takes so long, unless it is told in such units.
_PERIODS = frozenset({"a", "mo", "wk", "d", "h"})
_OF_NAMES = frozenset("-‐–")

APGAR_BEST = 10


class MeasurementReader:
    """Reads the measurements of a stretch of words."""

    def __init__(
        self, tests: Mapping[str, LaboratoryTest], words: NumberWords, units: UnitReader
    ) -> None:
        self._names = PhraseTable(tests.items(), words)
        self._pressure = tests[BLOOD_PRESSURE]
        self._values, self._units = ValueReader(words, units), units
        rows = read_table("biopipe.clinical.measurements", "tables/connectors.tsv")
        self._connectors = frozenset(word for word, _ in rows)
        self._unlisted = UnlistedTests(self._values, self._connectors)

    def read(self, text: str, words: Sequence[NoteWord], end: int) -> list[TestValue]:
        """The tests with a value, in the order of the text; `end` is that of the stretch."""
        in_units = self._unit_spans(text, words, end)
        hits = [
            hit
            for hit in self._names.find(words)
            if not any(first <= words[hit.first].start < last for first, last in in_units)
        ]
        readings: list[TestValue] = []
        run = run_of(words, hits)
        for group in joined_by_slash(text, words, hits):
            nxt = next((hit.first for hit in hits if hit.first >= group[-1].last), len(words))
            readings += self._of_group(text, words, group, nxt, end, run)
        readings += self._listed(text, words, hits, readings)
        taken = [(reading.start, reading.value.end) for reading in readings]
        readings += self._unlisted.read(text, words, end, taken)
        return sorted(readings, key=lambda reading: (reading.start, reading.value.start))

    def _unit_spans(self, text: str, words: Sequence[NoteWord], end: int) -> list[tuple[int, int]]:
        """Where units stand behind numbers or with a slash: "mg" in "142 mg/dL" is no magnesium."""
        spans = []
        for word in words:
            # "98/60 hr 112" is a pair, and what follows it the next test.
            if word.form == NUMBER and text[word.start - 1] != "/":
                start = word.end + text[word.end : word.end + 1].isspace()
                unit = self._units.read(text, start, end)
                if unit is not None:
                    spans.append((start, unit.end))
            elif text[word.end : word.end + 1] == "/":
                unit = self._units.read(text, word.start, end)
                if unit is not None and unit.end > word.end:
                    spans.append((word.start, unit.end))
        return spans

    def _listed(
        self,
        text: str,
        words: Sequence[NoteWord],
        hits: Sequence[FoundTest],
        readings: Sequence[TestValue],
    ) -> Iterator[TestValue]:
        """Tests listed before one whose value is in words: "AST and ALT were normal"."""
        values = {reading.start: reading.value for reading in readings}
        for hit, following in reversed(list(pairwise(hits))):
            start, after = words[hit.first].start, words[following.first].start
            value = values.get(after)
            between = text[words[hit.last - 1].end : after].strip()
            listed = between in _LISTING and start not in values
            if value is not None and value.low is None and value.start > after and listed:
                values[start] = value
                yield self._reading(words, hit, value, "")

    def _of_group(
        self,
        text: str,
        words: Sequence[NoteWord],
        group: Sequence[FoundTest],
        limit: int,
        end: int,
        run: Run,
    ) -> Iterator[TestValue]:
        """The values of tests that are joined by slashes ("AST/ALT 45/67"), or of one."""
        grade = read_grade(text, words[group[-1].last - 1].end, end, group[-1].meaning)
        if grade is not None:
            yield self._reading(words, group[-1], grade, "" if grade.low is None else "1")
            return
        first = first_behind(text, words, group[-1], limit, end)
        if first < len(words) and words[first].form in _CHANGES:
            return
        for place in range(first, min(limit, first + _WIDEST_GAP + 1)):
            word = words[place]
            if word.form == NUMBER:
                place = last_of_change(words, first, place)
                value = self._values.read(text, words, _sum_of(text, words, place, end), end)
                if value is not None and group[-1].meaning.lowest < 0:
                    value = with_sign(text, value)
                if value is not None and value.comparator and is_condition(words, group[0]):
                    return
                if value is not None:
                    edge = words[limit].start if limit < len(words) else end
                    gap = words_between(words[first:place])
                    yield from self._valued(text, words, group, value, gap, edge, run)
                    return
            flag = self._flag_from(words, group[-1], place)
            if flag is not None:
                yield from (self._reading(words, hit, flag, "") for hit in group)
                return
            if word.form in ENDS:
                break
        flag = self._flag_before(words, group[0])
        if flag is not None:
            yield self._reading(words, group[0], flag, "")

    def _valued(
        self,
        text: str,
        words: Sequence[NoteWord],
        group: Sequence[FoundTest],
        value: WrittenValue,
        gap: Sequence[str],
        edge: int,
        run: Run,
    ) -> Iterator[TestValue]:
        """The values that begin with one, before `edge`, behind the words of a gap."""
        if gap[-1:] == ["from"]:
            # "Rose from 1.0 to 2.3": a change is read as a range.
            value = value._replace(low=value.high)
        scores = _scores(text, value, edge) if group[0].meaning.name == APGAR else []
        series = scores or self._series(text, words, value, edge)
        # A row of values needs no other test beside it.
        of_row = run._replace(alone=run.alone and len(series) == 1)
        for each in series:
            yield from self._matched(text, words, group, each, gap, of_row)

    def _series(
        self, text: str, words: Sequence[NoteWord], value: WrittenValue, end: int
    ) -> list[WrittenValue]:
        """The value and those that arrows or the columns of a table lead to; of a unit that one of
        them has, or a cell behind them, all are.
        """
        values = [value]
        for start in further_values(text, value.end, end):
            place = next((i for i, word in enumerate(words) if word.start == start), None)
            read = self._values.read(text, words, place, end) if place is not None else None
            if read is not None:
                values.append(read)
        unit = next((each.unit for each in values if each.unit), "")
        unit = unit or cell_unit(text, values[-1].end, end, self._units)
        return [each if each.unit else each._replace(unit=unit) for each in values]

    def _matched(
        self,
        text: str,
        words: Sequence[NoteWord],
        group: Sequence[FoundTest],
        value: WrittenValue,
        gap: Sequence[str],
        run: Run,
    ) -> Iterator[TestValue]:
        if len(group) == 1 and value.second is not None and value.unit == "mm[Hg]":
            # "RR 155/95 mmHg": in some countries the blood pressure is called after its inventor.
            group = [group[0]._replace(meaning=self._pressure)]
        if len(group) == 2 and value.second is not None:
            values = [value._replace(second=None), value._replace(low=value.second, second=None)]
            values[1] = values[1]._replace(high=value.second)
        else:
            values = [value]
        for hit, of_test in zip(group, values, strict=False):
            unit = self._accepted_unit(text, words, hit, of_test, gap, run)
            if unit is None and of_test.unit == "L":
                # "9.8 L" of a test that is in no litres is a low one.
                of_test = of_test._replace(unit="", flag="L", end=of_test.end - 2)
                unit = self._accepted_unit(text, words, hit, of_test, gap, run)
            if unit is None and (decade := as_decade(text, of_test)):
                of_test = decade
                unit = self._accepted_unit(text, words, hit, of_test, gap, run)
            if unit is not None:
                yield self._reading(words, hit, of_test, unit)

    def _accepted_unit(
        self,
        text: str,
        words: Sequence[NoteWord],
        hit: FoundTest,
        value: WrittenValue,
        gap: Sequence[str],
        run: Run,
    ) -> str | None:
        """The unit of a value of a test, None where it cannot be one of that test."""
        test = hit.meaning
        written = text[words[hit.first].start : words[hit.last - 1].end]
        if (test.capitals and not written.isupper()) or not _may_be(test, value):
            return None
        if value.unit:
            codes = [u.code for u in test.units if u.code not in {*PLAIN_NUMBERS, UNKNOWN_UNIT}]
            told = any(self._units.commensurable(value.unit, code) for code in codes)
            told = told and (value.unit in codes or value.unit not in _PERIODS)
            return value.unit if told else None
        # Two numbers with a slash are no doubtful blood pressure.
        unsure = run.alone and not {":", "="} & set(gap)
        unsure = unsure or (written.islower() and not run.dense)
        if test.doubtful and value.second is None and unsure:
            return None
        allowed = self._connectors | COMPARISONS if value.comparator else self._connectors
        if any(form not in allowed for form in gap):
            return None
        if _is_of_name(text, value):
            return None
        unit = test.unit_for(value.low) if value.low is not None else ""
        if unit == UNKNOWN_UNIT:
            return ""
        if unit in PLAIN_NUMBERS:
            return unit if unit == "[pH]" else "1"
        return unit or None

    def _flag_from(
        self, words: Sequence[NoteWord], hit: FoundTest, place: int
    ) -> WrittenValue | None:
        """A value in words that begins at a word: "creatinine was normal"."""
        read = self._values.flag_at(words, place)
        between = [word.form for word in words[hit.last : place]]
        if read is None or any(form not in self._connectors for form in between):
            return None
        flag, last = read
        if words[last - 1].end - words[place].start <= 2 or number_follows(words, last):
            return None
        return _in_words(words[place], words[last - 1], flag)

    def _flag_before(self, words: Sequence[NoteWord], hit: FoundTest) -> WrittenValue | None:
        """A value in words right before a test: "elevated creatinine"."""
        for first in range(max(0, hit.first - 3), hit.first):
            read = self._values.flag_at(words, first)
            if read is not None and read[1] == hit.first:
                if words[hit.first - 1].end - words[first].start <= 2:
                    return None
                return _in_words(words[first], words[hit.first - 1], read[0])
        return None

    def _reading(
        self, words: Sequence[NoteWord], hit: FoundTest, value: WrittenValue, unit: str
    ) -> TestValue:
        start, end = words[hit.first].start, words[hit.last - 1].end
        return TestValue(start, end, hit.meaning.name, value, unit)


def _may_be(test: LaboratoryTest, value: WrittenValue) -> bool:
    """Whether a test may have a value as to being a pair: a score has one out of its highest
    ("22/30"), a blood pressure any, and some names count with one alone.
    """
    out_of = test.scored and value.second == test.best
    paired = value.second is not None and test.name != BLOOD_PRESSURE
    return out_of or not (paired or test.out_of)


def _scores(text: str, value: WrittenValue, end: int) -> list[WrittenValue]:
    """The scores of one time after the other: "8 and 9", "8/9", "7/10 at 1 minute and 8/10"."""
    if value.second is not None and value.second != APGAR_BEST:
        value = value._replace(second=None, end=value.start + len(f"{value.low:g}"))
    scores = [value]
    while (place := second_score(text, scores[-1].end, end)) is not None:
        number = float(text[slice(*place)].removesuffix("/10"))
        scores.append(WrittenValue(*place, "", number, number, None, "", ""))
    return scores


def _sum_of(text: str, words: Sequence[NoteWord], place: int, end: int) -> int:
    """The word that is the sum of which one is the first part: "3+4=7"."""
    start = sum_behind(text, words[place].end, end)
    return next((i for i, word in enumerate(words) if word.start == start), place)


def _in_words(first: NoteWord, last: NoteWord, flag: str) -> WrittenValue:
    return WrittenValue(first.start, last.end, "", None, None, None, "", flag)


def _is_of_name(text: str, value: WrittenValue) -> bool:
    """Whether a number is part of a name, as in CK7 and P-53."""
    return text[value.start - 1] in _OF_NAMES or text[value.start - 1].isalnum()
