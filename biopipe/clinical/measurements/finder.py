"""Vital signs and laboratory values of clinical notes as a predictor."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from biopipe.clinical.measurements.ages import mentions_of_ages
from biopipe.clinical.measurements.mentions import mentions_of_measurements, mentions_of_scores
from biopipe.clinical.measurements.reading import MeasurementReader
from biopipe.clinical.measurements.tests import (
    BLOOD_PRESSURE,
    PLAIN_NUMBERS,
    UNKNOWN_UNIT,
    load_tests,
)
from biopipe.clinical.measurements.values import TestValue
from biopipe.clinical.units import UnitReader
from biopipe.clinical.words import NumberWords
from biopipe.document import Document, Measurement, Predictor, PredictorInfo
from biopipe.document.sections import section_of
from biopipe.text.sentences import sentences_of

__all__ = ["MeasurementFinder"]

_BLOOD_PRESSURE_PARTS = ("systolic blood pressure", "diastolic blood pressure")
_LISTS_OF_DRUGS = frozenset({"allergies", "medications"})


class MeasurementFinder(Predictor):
    """Finds tests with their values: number, UCUM unit, comparator and reference flag.

    Tests are those of the table `tables/tests.tsv` by any of their names, and, for numbers in units
    of laboratories, the words before them. A number without a unit is taken where one of the test's
    units allows it. A value in words ("normal", "negative") has a flag and no number. The two
    numbers of a blood pressure are two measurements. A document's own measurements are replaced.
    """

    def __init__(self) -> None:
        self._words = NumberWords()
        tests = load_tests()
        self._units = UnitReader()
        self._reader = MeasurementReader(tests, self._words, self._units)
        self._tests = {test.name: test for test in tests.values()}
        self._scored = frozenset(test.name for test in tests.values() if test.scored)

    @property
    def info(self) -> PredictorInfo:
        """Gives measurements."""
        return PredictorInfo(name="measurements", gives=frozenset({"measurements"}))

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with their measurements, in the order of the text.

        Mentions at the place of a score are a Test and a Value, if anything ("ASA class III" is no
        drug, "24/30" no date); at that of any other measurement those called so get its edges. What
        was found of a written age ("58M with") is an age.
        """
        return [self._measured(document) for document in documents]

    def _measured(self, document: Document) -> Document:
        measurements = tuple(self._measurements(document))
        scores = [m for m in measurements if m.test in self._scored]
        mentions = mentions_of_scores(document, scores) if scores else document.mentions
        named = [m for m in measurements if m.test and m.test not in self._scored]
        if named and mentions:
            mentions = mentions_of_measurements(mentions, named)
        if mentions:
            mentions = mentions_of_ages(document.text, mentions)
        return replace(document, measurements=measurements, mentions=mentions)

    def _measurements(self, document: Document) -> Iterator[Measurement]:
        for start, end in _stretches(document):
            words = self._words.words(document.text, start, end)
            for reading in self._reader.read(document.text, words, end):
                section = section_of(document, reading.start)
                category = section.category if section else ""
                # "Insulin glargine 100 units/mL" in a list of drugs is no value of a test.
                if reading.test or category not in _LISTS_OF_DRUGS:
                    yield from self._told(document.text, reading, category)

    def _told(self, text: str, reading: TestValue, section: str) -> Iterator[Measurement]:
        value = reading.value
        whole = Measurement(
            text[reading.start : reading.end],
            reading.start,
            reading.end,
            value.start,
            value.end,
            test=reading.test,
            code=self._code(reading),
            comparator=value.comparator,
            amount=value.low,
            upper_amount=value.high if value.high != value.low else None,
            unit=reading.unit,
            implied_unit=bool(reading.unit) and not value.unit,
            flag=value.flag,
            section=section,
        )
        if reading.test != BLOOD_PRESSURE or value.second is None:
            yield whole
            return
        for part, amount in zip(_BLOOD_PRESSURE_PARTS, (value.low, value.second), strict=True):
            yield replace(
                whole, test=part, code=self._tests[part].code, amount=amount, upper_amount=None
            )

    def _code(self, reading: TestValue) -> str:
        """The LOINC id of a test. It is that of one property, as mass in a volume: a value in units
        of another, such as moles, has none.
        """
        test = self._tests.get(reading.test)
        if test is None or not test.code:
            return ""
        first = test.units[0].code
        if not reading.unit or first in {*PLAIN_NUMBERS, UNKNOWN_UNIT} or reading.unit == "1":
            return test.code
        # A share of substance is no share of mass, though both are plain numbers.
        substance = "mol" in reading.unit
        same = substance == ("mol" in first) and self._units.commensurable(reading.unit, first)
        return test.code if same else ""


def _stretches(document: Document) -> Iterator[tuple[int, int]]:
    """The sentences, those of one line together: a test and its value stand in two columns."""
    start = end = 0
    for sentence in sentences_of(document):
        between = document.text[end : sentence.start]
        if end and "\n" not in between and not between.strip(" \t|"):
            end = sentence.end
            continue
        if end:
            yield start, end
        start, end = sentence.start, sentence.end
    if end:
        yield start, end
