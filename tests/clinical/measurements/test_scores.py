"""Scores and classes, and the ids of the table of tests."""

import pytest

from biopipe.clinical.measurements.finder import MeasurementFinder
from biopipe.document import Document, Mention
from biopipe.language.tables import read_table

FINDER = MeasurementFinder()


def told(text: str) -> list[tuple[str, float | None, str]]:
    (document,) = FINDER.predict([Document("n", text)])
    return [(m.test, m.amount, text[m.value_start : m.value_end]) for m in document.measurements]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PHQ-9: 14", [("PHQ-9", 14, "14")]),
        ("PHQ9 score of 17/27", [("PHQ-9", 17, "17/27")]),
        ("PHQ-2 was 3, GAD-7 9.", [("PHQ-2", 3, "3"), ("GAD-7", 9, "9")]),
        ("GCS 15 (E4V5M6)", [("Glasgow coma scale", 15, "15")]),
        ("NIHSS 4 on arrival", [("NIH stroke scale", 4, "4")]),
        ("MoCA 22/30, MMSE 24", [("MoCA", 22, "22/30"), ("MMSE", 24, "24")]),
        ("Child-Pugh B, later Child-Pugh class A", [("Child-Pugh", None, "B"), ("Child-Pugh", None, "A")]),
        ("Child-Pugh B8 cirrhosis", [("Child-Pugh", 8, "B8")]),
        ("CHA2DS2-VASc score of 4", [("CHA2DS2-VASc", 4, "4")]),
        ("Apgars 8 and 9", [("Apgar score", 8, "8"), ("Apgar score", 9, "9")]),
        ("Apgar 8/9", [("Apgar score", 8, "8"), ("Apgar score", 9, "9")]),
        ("HR 80s, PTT 80s", [("heart rate", 80, "80s"), ("partial thromboplastin time", 80, "80s")]),
        ("Apgar 7/10 at 1 min and 8/10 at 5 min", [("Apgar score", 7, "7/10"), ("Apgar score", 8, "8/10")]),
        ("Apgars of 8 and 9 at 1 and 5 minutes", [("Apgar score", 8, "8"), ("Apgar score", 9, "9")]),
        ("Apgar 9/10 at 5 min", [("Apgar score", 9, "9/10")]),
        ("ECOG PS 0-1", [("ECOG performance status", 0, "0-1")]),
        ("NYHA class III, ASA II", [("NYHA class", 3, "III")]),
        ("ASA class III, Mallampati II", [("ASA class", 3, "III"), ("Mallampati class", 2, "II")]),
        ("RASS -2", [("RASS", -2, "-2")]),
        ("Gleason 3+4=7", [("Gleason score", 7, "7")]),
        ("pain 7/10 for 3 days", [("pain score", 7, "7/10")]),
        ("pain 3 days ago, MoCA 22/40", []),
        ("ASA 81 mg daily, news today, 27/27 items", []),
    ],
)  # fmt: skip
def test_scores(text: str, expected: list[tuple[str, float | None, str]]) -> None:
    assert told(text) == expected


def test_a_number_in_the_name_of_a_test_is_part_of_it() -> None:
    assert told("free T3 3.1 pg/mL, free T4 1.2 ng/dL") == [
        ("triiodothyronine, free", 3.1, "3.1 pg/mL"),
        ("thyroxine, free", 1.2, "1.2 ng/dL"),
    ]
    assert told("CA 15-3 22 U/mL, CA 125 35 U/mL") == [
        ("CA 15-3", 22, "22 U/mL"),
        ("CA 125", 35, "35 U/mL"),
    ]


def test_what_a_score_is_called_otherwise_is_a_test_and_a_value() -> None:
    text = "ASA class III. MMSE 24/30."
    parts = [("ASA", "Chemical"), ("III", "Value"), ("24/30", "Date")]
    mentions = tuple(
        Mention(text.index(part), text.index(part) + len(part), label) for part, label in parts
    )
    (document,) = FINDER.predict([Document("n", text, mentions)])
    assert [(text[m.start : m.end], m.label) for m in document.mentions] == [("III", "Value")]


def test_every_id_has_a_name_that_a_source_gives() -> None:
    package = "biopipe.clinical.measurements"
    named = {code: source for code, _, source in read_table(package, "tables/loinc.tsv")}
    used = {row[2].removeprefix("LOINC:") for row in read_table(package, "tables/tests.tsv")}
    assert used - {""} == set(named)
    assert all(named.values())


def test_the_share_of_glycated_hemoglobin_in_other_units_has_no_id() -> None:
    (document,) = FINDER.predict([Document("n", "HbA1c 53 mmol/mol, HbA1c 7.0 %")])
    assert [m.code for m in document.measurements] == ["", "LOINC:4548-4"]
