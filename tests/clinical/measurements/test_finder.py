import pytest

from biopipe.clinical.measurements.finder import MeasurementFinder
from biopipe.clinical.measurements.tests import load_tests
from biopipe.clinical.sections.finder import SectionFinder
from biopipe.document import Document, Measurement

FINDER = MeasurementFinder()


def measured(text: str) -> tuple[Measurement, ...]:
    (document,) = FINDER.predict(SectionFinder().predict([Document("n", text)]))
    return document.measurements


def told(text: str) -> list[tuple[str, float | None, str]]:
    return [(m.test, m.amount, m.unit) for m in measured(text)]


def test_vital_signs() -> None:
    assert told("Vitals: BP 128/72 mmHg, HR 84, RR 18, T 98.7 F, SpO2 98% on RA, Wt 197 lb") == [
        ("systolic blood pressure", 128, "mm[Hg]"),
        ("diastolic blood pressure", 72, "mm[Hg]"),
        ("heart rate", 84, "/min"),
        ("respiratory rate", 18, "/min"),
        ("body temperature", 98.7, "[degF]"),
        ("oxygen saturation", 98, "%"),
        ("body weight", 197, "[lb_av]"),
    ]


def test_laboratory_values_with_their_codes_and_flags() -> None:
    text = "Labs: Na 140, K 5.9 H, glucose 110 mg/dL (H), Hgb 9.8 L, troponin <0.01 ng/mL"
    sodium, potassium, glucose, hemoglobin, troponin = measured(text)
    assert (sodium.code, sodium.unit, sodium.implied_unit) == ("LOINC:2951-2", "mmol/L", True)
    assert (potassium.amount, potassium.flag) == (5.9, "H")
    assert (glucose.unit, glucose.implied_unit, glucose.flag) == ("mg/dL", False, "H")
    assert text[glucose.value_start : glucose.value_end] == "110 mg/dL"
    assert (hemoglobin.amount, hemoglobin.unit, hemoglobin.flag) == (9.8, "g/dL", "L")
    assert (troponin.comparator, troponin.amount) == ("<", 0.01)
    assert {m.section for m in measured(text)} == {"laboratory"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Temperature was 38.2.", [("body temperature", 38.2, "Cel")]),
        ("Temperature was 101.3.", [("body temperature", 101.3, "[degF]")]),
        ("WBC 12.3", [("leukocytes", 12.3, "10*3/uL")]),
        ("WBC: 12,300", [("leukocytes", 12300, "/uL")]),
        # Pounds or kilograms: nobody can tell.
        ("Weight 150", [("body weight", 150, "")]),
        ("Sodium 1400", []),
    ],
)
def test_a_number_without_a_unit_is_in_the_one_that_allows_it(
    text: str, expected: list[tuple[str, float, str]]
) -> None:
    assert told(text) == expected


def test_tests_that_share_a_slash() -> None:
    assert told("BUN/Cr 20/1.1") == [("urea nitrogen", 20, "mg/dL"), ("creatinine", 1.1, "mg/dL")]


def test_ranges_changes_and_gaps() -> None:
    (fraction,) = measured("LVEF 35-40%")
    assert (fraction.amount, fraction.upper_amount) == (35, 40)
    assert told("Creatinine rose from 1.0 to 2.3 mg/dL.") == [("creatinine", 2.3, "mg/dL")]
    assert told("Her creatinine on admission was 2.3 mg/dL.") == [("creatinine", 2.3, "mg/dL")]


def test_columns_of_a_table() -> None:
    (hemoglobin,) = measured("Hemoglobin    9.8 g/dL    L    12.0-16.0")
    assert (hemoglobin.amount, hemoglobin.flag) == (9.8, "L")


def test_values_in_words() -> None:
    text = "Creatinine was normal. Elevated lipase. AST and ALT were mildly elevated."
    assert [(m.test, m.amount, m.flag) for m in measured(text)] == [
        ("creatinine", None, "N"),
        ("lipase", None, "H"),
        ("aspartate aminotransferase", None, "H"),
        ("alanine aminotransferase", None, "H"),
    ]


def test_a_test_that_no_table_lists_is_one_by_its_unit() -> None:
    (unlisted,) = measured("Serum foobarin was 12 ng/mL.")
    assert (unlisted.name, unlisted.test, unlisted.code) == ("Serum foobarin", "", "")
    assert (unlisted.amount, unlisted.unit) == (12, "ng/mL")


@pytest.mark.parametrize(
    "text",
    [
        "Potassium chloride 20 mEq daily.",
        "A 2 g sodium diet.",
        "The pt 45 years old.",
        "Aspirin 81 mg daily.",
        "Blood pressure medication 3 times a day",
        "He walks 2 miles.",
        "Glucose monitoring 4 times a day",
    ],
)
def test_what_is_no_measurement(text: str) -> None:
    assert measured(text) == ()


def test_the_table_of_tests_is_sound() -> None:
    for name, test in load_tests().items():
        assert name == name.lower()
        assert test.code == "" or test.code.startswith("LOINC:")
        assert all(unit.lowest < unit.highest for unit in test.units)


def test_the_patient_is_no_prothrombin_time() -> None:
    assert told("Pt is a 71 y.o. man. Pt reports 4 months of cough.") == []
    assert told("PT 13.2, INR 1.1") == [("prothrombin time", 13.2, "s"), ("INR", 1.1, "1")]


def test_a_drug_in_a_list_of_drugs_is_no_test() -> None:
    assert told("Medications:\n- insulin glargine 100 units/mL at bedtime") == []
    assert told("Labs: foobarin 100 units/mL") == [("", 100, "[IU]/mL")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("glucose 110 mg/dL", "LOINC:2345-7"),
        ("glucose 6.1 mmol/L", ""),
        ("creatinine 88 umol/L", ""),
        ("Hgb 98 g/L", "LOINC:718-7"),
        ("neutrophils 60%", "LOINC:770-8"),
        ("troponin I 0.01 ng/mL", "LOINC:10839-9"),
        ("troponin T 0.01 ng/mL", "LOINC:6598-7"),
        ("troponin 0.01 ng/mL", ""),
    ],
)
def test_an_id_is_that_of_what_was_measured_in_such_units(text: str, code: str) -> None:
    (measurement,) = measured(text)
    assert measurement.code == code


def test_ids_have_their_check_digit() -> None:
    for test in load_tests().values():
        if test.code:
            number, check = test.code.removeprefix("LOINC:").split("-")
            doubled = [int(d) * (2 - place % 2) for place, d in enumerate(reversed(number))]
            total = sum(digit // 10 + digit % 10 for digit in doubled)
            assert int(check) == -total % 10, test
