"""The edges that measurements and written ages give the mentions of a recogniser."""

import pytest

from biopipe.clinical.measurements.ages import mentions_of_ages
from biopipe.clinical.measurements.finder import MeasurementFinder
from biopipe.document import Document, Mention

FINDER = MeasurementFinder()


def mentions(text: str, *found: tuple[str, str]) -> list[tuple[str, str]]:
    given = tuple(
        Mention(text.index(name), text.index(name) + len(name), label, 0.5) for name, label in found
    )
    (document,) = FINDER.predict([Document("n", text, given)])
    return [(text[m.start : m.end], m.label) for m in document.mentions]


def test_a_value_that_runs_into_the_next_test_is_cut_and_both_get_their_tests() -> None:
    assert mentions(
        "T 98.6 HR 102 BP 158/94", ("98.6 HR", "Value"), ("102 BP 158/94", "Value")
    ) == [
        ("T", "Test"),
        ("98.6", "Value"),
        ("HR", "Test"),
        ("102", "Value"),
        ("BP", "Test"),
        ("158/94", "Value"),
    ]


def test_what_nobody_found_and_other_labels_stay_as_they_are() -> None:
    assert mentions("Trop I 0.08, BNP 220", ("I 0.08", "Value")) == [
        ("Trop I", "Test"),
        ("0.08", "Value"),
    ]
    assert mentions("potassium 4.1", ("potassium", "Chemical")) == [("potassium", "Chemical")]
    # A test within a mention of another label gives way to it.
    assert mentions("low sodium diet 140", ("low sodium diet", "Problem")) == [
        ("low sodium diet", "Problem")
    ]
    assert mentions("sodium 140", ("sodium", "Chemical"), ("140", "Value")) == [
        ("sodium", "Chemical"),
        ("140", "Value"),
    ]


@pytest.mark.parametrize(
    ("text", "found", "label", "age"),
    [
        ("58M with NSTEMI", "58M", "Problem", "58M"),
        ("58 M w/ HTN", "58", "Value", "58"),
        ("34 yo F G2P1", "34 yo F", "Value", "34 yo"),
        ("80M w CAD", "80M", "Value", "80M"),
        ("72 y/o F, ill", "72", "Value", "72 y/o"),
        ("a 45yo man", "45yo", "Date", "45yo"),
        ("a 3 y.o. girl", "3 y", "Age", "3 y.o."),
        ("a 6-month-old infant", "6-month", "Duration", "6-month-old"),
        ("a 70 year old woman", "70 year old", "Age", "70 year old"),
    ],
)
def test_a_written_age_is_an_age_by_whatever_label_it_was_found(
    text: str, found: str, label: str, age: str
) -> None:
    start = text.index(found)
    (mention,) = mentions_of_ages(text, [Mention(start, start + len(found), label, 0.5)])
    assert (text[mention.start : mention.end], mention.label) == (age, "Age")


@pytest.mark.parametrize("text", ["58m from the road", "5 M NaCl", "10 years of asthma"])
def test_other_numbers_are_no_ages_of_patients(text: str) -> None:
    given = [Mention(0, 3, "Value", 0.5)]
    assert mentions_of_ages(text, given) == tuple(given)


def test_what_a_measurement_or_an_age_has_no_room_for_is_not_lost() -> None:
    found = mentions("urine protein 30 mg/dL", ("urine", "Test"), ("protein", "Chemical"))
    assert ("urine", "Test") in found
    assert ("protein", "Chemical") in found
    text = "a 6-month-old infant"
    given = [Mention(2, 9, "Duration", 0.5), Mention(10, 20, "Problem", 0.5)]
    assert mentions_of_ages(text, given) == tuple(given)


def test_a_longer_mention_is_no_age() -> None:
    text = "58M with chest pain"
    given = [Mention(0, len(text), "Problem", 0.5)]
    assert mentions_of_ages(text, given) == tuple(given)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Cr peaked at 2.4 from baseline 1.6, K 5.8", 2.4),
        ("Creatinine trended down to 1.2.", 1.2),
        ("Hgb nadir 6.9", 6.9),
        ("Lactate normalized to 1.1", 1.1),
    ],
)
def test_verbs_of_a_course_stand_between_a_test_and_its_value(text: str, amount: float) -> None:
    (document,) = FINDER.predict([Document("n", text)])
    assert document.measurements[0].amount == amount


def test_a_pair_of_values_is_no_date() -> None:
    assert mentions("AST/ALT 412/388", ("412/388", "Date"))[-1] == ("412/388", "Value")
    assert mentions("Cr 1.2 on 3/4", ("3/4", "Date")) == [("3/4", "Date")]
