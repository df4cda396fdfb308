"""Ties values to tests in the words of a line or a sentence."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from biopipe.clinical.measurements.grades import (
    as_decade,
    read_grade,
    second_score,
    sum_behind,
    with_sign,
)
from biopipe.clinical.measurements.series import cell_unit, further_values, past_range
from biopipe.clinical.measurements.tests import (
    APGAR,
    BLOOD_PRESSURE,
    PLAIN_NUMBERS,
    UNKNOWN_UNIT,
    LaboratoryTest,
)
from biopipe.clinical.measurements.values import ValueReader, WrittenValue
from biopipe.clinical.phrases import PhraseHit, PhraseTable
from biopipe.clinical.units import UnitReader
from biopipe.clinical.words import NUMBER, NoteWord, NumberWords
from biopipe.language.stop_words import common_words
from biopipe.language.tables import read_table

__all__ = ["MeasurementReader", "TestValue"]

# Words between a test and a number with one of its units; without a unit all must be connectors.
_WIDEST_GAP = 8
_MOST_NAME_WORDS = 4
_ENDS = frozenset({";", ".", "?"})
# Units that only laboratories and monitors have.
_LABORATORY_BELOW = frozenset({"dL", "L", "mL", "uL", "[HPF]"})
_LABORATORY_UNITS = frozenset(
    {"mm[Hg]", "10*3/uL", "10*9/L", "10*6/uL", "10*12/L", "/uL", "/[HPF]"}
)

# "Weight gain of 3 lb" is no weight, and "low K diet" no potassium.
_CHANGES = frozenset({"change", "changes", "diet", "gain", "gained", "gains", "loss", "lost"})
# "Hold for SBP < 100", "goal LDL < 70".
_CONDITIONS = frozenset(
    {"for", "goal", "if", "keep", "maintain", "prn", "target", "titrate", "unless", "until", "when"}
)
_CONDITION_REACH = 4
# So many tests with a number right behind them are a list of values in any case of letters.
_DENSE = 3
_LISTING = frozenset({",", "and", "or", "/", ", and", "&"})

# "PT for 4 months": no test takes so long, unless it is told in such units.
_PERIODS = frozenset({"a", "mo", "wk", "d", "h"})
_COMPARISONS = frozenset("<>≤≥")
# "(normal 15-45 mg/L)" is no value of the patient.
_REFERENCES = frozenset({"normal", "range", "reference", "ref", "limit", "norm"})
_OF_NAMES = frozenset("-‐–")

APGAR_BEST = 10

_Hit = PhraseHit[LaboratoryTest]


class _Run(NamedTuple):
    """Of the tests of a stretch: whether it is one `alone`, and whether they stand `dense`, one
    after the other with their numbers.
    """

    alone: bool
    dense: bool


class TestValue(NamedTuple):
    """A test from `start` to `end` with its value; `test` is "" for one of no table, `unit` a UCUM
    code, told or implied.
    """

    start: int
    end: int
    test: str
    value: WrittenValue
    unit: str


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
        self._no_names = common_words() | self._connectors

    def read(self, text: str, words: Sequence[NoteWord], end: int) -> list[TestValue]:
        """The tests with a value, in the order of the text; `end` is that of the stretch."""
        in_units = self._unit_spans(text, words, end)
        hits = [
            hit
            for hit in self._names.find(words)
            if not any(first <= words[hit.first].start < last for first, last in in_units)
        ]
        readings: list[TestValue] = []
        run = _run(words, hits)
        for group in _joined_by_slash(text, words, hits):
            nxt = next((hit.first for hit in hits if hit.first >= group[-1].last), len(words))
            readings += self._of_group(text, words, group, nxt, end, run)
        readings += self._listed(text, words, hits, readings)
        taken = [(reading.start, reading.value.end) for reading in readings]
        readings += self._unlisted(text, words, end, taken)
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
        hits: Sequence[_Hit],
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
        group: Sequence[_Hit],
        limit: int,
        end: int,
        run: _Run,
    ) -> Iterator[TestValue]:
        """The values of tests that are joined by slashes ("AST/ALT 45/67"), or of one."""
        grade = read_grade(text, words[group[-1].last - 1].end, end, group[-1].meaning)
        if grade is not None:
            yield self._reading(words, group[-1], grade, "" if grade.low is None else "1")
            return
        first = _first_behind(text, words, group[-1], limit, end)
        if first < len(words) and words[first].form in _CHANGES:
            return
        for place in range(first, min(limit, first + _WIDEST_GAP + 1)):
            word = words[place]
            if word.form == NUMBER:
                place = _last_of_change(words, first, place)
                value = self._values.read(text, words, _sum_of(text, words, place, end), end)
                if value is not None and group[-1].meaning.lowest < 0:
                    value = with_sign(text, value)
                if value is not None and value.comparator and _is_condition(words, group[0]):
                    return
                if value is not None:
                    edge = words[limit].start if limit < len(words) else end
                    gap = _gap(words[first:place])
                    yield from self._valued(text, words, group, value, gap, edge, run)
                    return
            flag = self._flag_from(words, group[-1], place)
            if flag is not None:
                yield from (self._reading(words, hit, flag, "") for hit in group)
                return
            if word.form in _ENDS:
                break
        flag = self._flag_before(words, group[0])
        if flag is not None:
            yield self._reading(words, group[0], flag, "")

    def _valued(
        self,
        text: str,
        words: Sequence[NoteWord],
        group: Sequence[_Hit],
        value: WrittenValue,
        gap: Sequence[str],
        edge: int,
        run: _Run,
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
        group: Sequence[_Hit],
        value: WrittenValue,
        gap: Sequence[str],
        run: _Run,
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
        hit: _Hit,
        value: WrittenValue,
        gap: Sequence[str],
        run: _Run,
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
        allowed = self._connectors | _COMPARISONS if value.comparator else self._connectors
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

    def _flag_from(self, words: Sequence[NoteWord], hit: _Hit, place: int) -> WrittenValue | None:
        """A value in words that begins at a word: "creatinine was normal"."""
        read = self._values.flag_at(words, place)
        between = [word.form for word in words[hit.last : place]]
        if read is None or any(form not in self._connectors for form in between):
            return None
        flag, last = read
        if words[last - 1].end - words[place].start <= 2 or _number_follows(words, last):
            return None
        return _in_words(words[place], words[last - 1], flag)

    def _flag_before(self, words: Sequence[NoteWord], hit: _Hit) -> WrittenValue | None:
        """A value in words right before a test: "elevated creatinine"."""
        for first in range(max(0, hit.first - 3), hit.first):
            read = self._values.flag_at(words, first)
            if read is not None and read[1] == hit.first:
                if words[hit.first - 1].end - words[first].start <= 2:
                    return None
                return _in_words(words[first], words[hit.first - 1], read[0])
        return None

    def _reading(
        self, words: Sequence[NoteWord], hit: _Hit, value: WrittenValue, unit: str
    ) -> TestValue:
        start, end = words[hit.first].start, words[hit.last - 1].end
        return TestValue(start, end, hit.meaning.name, value, unit)

    def _unlisted(
        self,
        text: str,
        words: Sequence[NoteWord],
        end: int,
        taken: Sequence[tuple[int, int]],
    ) -> Iterator[TestValue]:
        """Numbers in units of laboratories behind words that no table lists."""
        for place, word in enumerate(words):
            if word.form != NUMBER or any(start <= word.start < stop for start, stop in taken):
                continue
            value = self._values.read(text, words, place, end)
            if value is None or not _is_of_laboratory(value.unit):
                continue
            before = next(
                (w.form for w in reversed(words[:place]) if w.form not in _COMPARISONS), ""
            )
            name = [] if before in _REFERENCES else self._name_before(text, words, place)
            if name:
                unit = value.unit
                yield TestValue(name[0].start, name[-1].end, "", value, unit)

    def _name_before(self, text: str, words: Sequence[NoteWord], place: int) -> list[NoteWord]:
        """At most four words before a value and its connectors."""
        place -= 1
        while place >= 0 and words[place].form in self._connectors | _COMPARISONS:
            place -= 1
        name: list[NoteWord] = []
        while place >= 0 and len(name) < _MOST_NAME_WORDS:
            word = words[place]
            if not word.form[0].isalpha() or word.form in self._no_names:
                break
            if name and "\n" in text[word.end : name[0].start]:
                break
            name.insert(0, word)
            place -= 1
        return name


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


def _first_behind(text: str, words: Sequence[NoteWord], hit: _Hit, limit: int, end: int) -> int:
    """The first word behind a test, and behind the range of a day that follows it: "heart rate:
    [68-88] 72".
    """
    start = past_range(text, words[hit.last - 1].end, end)
    if start is None:
        return hit.last
    return next((i for i in range(hit.last, limit) if words[i].start >= start), hit.last)


def _is_condition(words: Sequence[NoteWord], hit: _Hit) -> bool:
    """Whether a test with a limit is a condition or a goal and no result: "if A1c > 6"."""
    before = words[max(0, hit.first - _CONDITION_REACH) : hit.first]
    return any(word.form in _CONDITIONS for word in before)


def _run(words: Sequence[NoteWord], hits: Sequence[_Hit]) -> _Run:
    valued = sum(hit.last < len(words) and words[hit.last].form == NUMBER for hit in hits)
    return _Run(len(hits) == 1, valued >= _DENSE)


def _gap(words: Sequence[NoteWord]) -> list[str]:
    """The words between a test and its value, without those in brackets: "glucose (fasting)"."""
    forms = [word.form for word in words if word.form != NUMBER]
    if len(forms) > 2 and forms[0] == "(" and ")" in forms and NUMBER not in forms:
        return forms[forms.index(")") + 1 :]
    return forms


def _joined_by_slash(
    text: str, words: Sequence[NoteWord], hits: Sequence[_Hit]
) -> list[list[_Hit]]:
    """Tests in groups, of two that have a slash between."""
    groups = [[hit] for hit in hits[:1]]
    for before, hit in pairwise(hits):
        between = text[words[before.last - 1].end : words[hit.first].start]
        if between.strip() in ("/", "&") and len(groups[-1]) == 1:
            groups[-1].append(hit)
        else:
            groups.append([hit])
    return groups


def _last_of_change(words: Sequence[NoteWord], first: int, place: int) -> int:
    """The number that a change ends at: of "from 85 to 36" the second one."""
    changes = place > first and words[place - 1].form == "from"
    if changes and place + 2 < len(words) and words[place + 1].form == "to":
        return place + 2 if words[place + 2].form == NUMBER else place
    return place


def _in_words(first: NoteWord, last: NoteWord, flag: str) -> WrittenValue:
    return WrittenValue(first.start, last.end, "", None, None, None, "", flag)


def _number_follows(words: Sequence[NoteWord], place: int) -> bool:
    """Whether a number stands right behind a word in words: "elevated at 2.3"."""
    ahead = [word.form for word in words[place : place + 3]]
    return NUMBER in ahead and not _ENDS.intersection(ahead[: ahead.index(NUMBER)])


def _is_of_name(text: str, value: WrittenValue) -> bool:
    """Whether a number is part of a name, as in CK7 and P-53."""
    return text[value.start - 1] in _OF_NAMES or text[value.start - 1].isalnum()


def _is_of_laboratory(unit: str) -> bool:
    below = unit.split("/")[1:]
    return unit in _LABORATORY_UNITS or bool(_LABORATORY_BELOW.intersection(below))
