"""Values that come in series and tables, and what is no value."""

import pytest

from biopipe.clinical.measurements.finder import MeasurementFinder
from biopipe.clinical.sections.finder import SectionFinder
from biopipe.document import Document, Measurement

FINDER = MeasurementFinder()


def measured(text: str) -> tuple[Measurement, ...]:
    (document,) = FINDER.predict(SectionFinder().predict([Document("n", text)]))
    return document.measurements


def told(text: str) -> list[tuple[str, float | None, str]]:
    return [(m.test, m.amount, m.unit) for m in measured(text)]


def test_arrows_tell_every_value() -> None:
    first, second, third = measured("Troponin I <0.04 -> 1.2 -> 2.35 ng/mL.")
    assert [m.amount for m in (first, second, third)] == [0.04, 1.2, 2.35]
    assert [m.comparator for m in (first, second, third)] == ["<", "", ""]
    assert {m.unit for m in (first, second, third)} == {"ng/mL"}
    assert told("SpO2 86% \u2192 94%") == [
        ("oxygen saturation", 86, "%"), ("oxygen saturation", 94, "%")
    ]  # fmt: skip


def test_columns_under_times_are_values() -> None:
    text = "Labs\n\t03/03\t03/04\t03/05\nWBC\t18.2*\t14.1*\t9.8\nHGB\t9.1 (L)\t8.8 (L)\t8.9\n"
    assert [m.amount for m in measured(text)] == [18.2, 14.1, 9.8, 9.1, 8.8, 8.9]


def test_columns_under_no_times_are_a_reference() -> None:
    assert [m.amount for m in measured("Test  Result  Low  High\nSodium  133  136  145\n")] == [133]


@pytest.mark.parametrize(
    ("row", "amount", "unit", "flag"),
    [
        ("Total bilirubin         11                  <21             umol/L", 11, "umol/L", ""),
        ("eGFR                    36          L       >60             mL/min", 36, "mL/min", "L"),
        ("Glucose (fasting)       7.9         H       3.9-5.5         mmol/L", 7.9, "mmol/L", "H"),
        ("TSH                     0.02        L       0.27-4.2        mU/L", 0.02, "m[IU]/L", "L"),
        ("CRP                     <5                  <5              mg/L", 5, "mg/L", ""),
        ("| Sodium | 133 | L | 136-145 | mmol/L |", 133, "mmol/L", "L"),
    ],
)
def test_the_unit_of_a_row_stands_in_a_cell(row: str, amount: float, unit: str, flag: str) -> None:
    (value,) = measured(row)
    assert (value.amount, value.unit, value.flag) == (amount, unit, flag)
    assert not value.implied_unit


def test_ranges_of_a_day_stand_before_the_value() -> None:
    text = (
        "Vitals: Temp:  [36.6 \u00b0C (97.9 \u00b0F)-37.2 \u00b0C (99 \u00b0F)] 36.8 \u00b0C  "
        "Heart Rate:  [68-88] 72  BP: (112-134)/(62-78) 128/70"
    )
    assert [m.amount for m in measured(text)] == [36.8, 72, 128, 70]


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("weight 92,5 kg", 92.5, "kg"),
        ("Hb 8,4 mmol/l", 8.4, "mmol/L"),
        ("HbA1c 5,8 %", 5.8, "%"),
        ("platelets 150,000", 150000, "/uL"),
        ("WBC 12,300", 12300, "/uL"),
    ],
)
def test_a_comma_may_be_decimal(text: str, amount: float, unit: str) -> None:
    (value,) = measured(text)
    assert (value.amount, value.unit) == (amount, unit)


def test_small_letters_in_a_run_of_values() -> None:
    assert [m.test for m in measured("bp 98/60 hr 112 rr 22 sat 91 ra")] == [
        "systolic blood pressure", "diastolic blood pressure", "heart rate", "respiratory rate",
        "oxygen saturation",
    ]  # fmt: skip
    assert not measured("he had 3 mg of it, hr 4")


@pytest.mark.parametrize(
    "text",
    [
        "Consider metformin if A1c > 6.",
        "acetaminophen prn temp >38.5",
        "Hold for SBP < 100.",
        "Return for weight gain of more than 3 lb.",
    ],
)
def test_conditions_goals_and_changes_are_no_values(text: str) -> None:
    assert not measured(text)


def test_a_unit_is_no_test() -> None:
    assert told("LDL 142 mg/dL, vit D 18 ng/mL") == [
        ("LDL cholesterol", 142, "mg/dL"), ("vitamin D, 25-hydroxy", 18, "ng/mL")
    ]  # fmt: skip


def test_blood_pressure_after_riva_rocci() -> None:
    assert told("RR 155/95 mmHg") == [
        ("systolic blood pressure", 155, "mm[Hg]"), ("diastolic blood pressure", 95, "mm[Hg]")
    ]  # fmt: skip
    assert told("RR 18, HR 80") == [("respiratory rate", 18, "/min"), ("heart rate", 80, "/min")]


def test_an_absolute_count_is_no_share() -> None:
    (count,) = measured("Labs: WBC 4.1, ANC 2.2")[1:]
    assert (count.code, count.unit) == ("LOINC:751-8", "10*3/uL")


def test_a_flowsheet() -> None:
    text = (
        "VITALS FLOWSHEET\n            0800     1200     1600\n"
        "Temp        37.2     38.4     37.9\nHR          88       112      96\n"
        "BP          122/70   98/54    110/62\n"
    )
    assert [m.amount for m in measured(text)] == [
        37.2, 38.4, 37.9, 88, 112, 96, 122, 70, 98, 54, 110, 62
    ]  # fmt: skip


def test_feet_and_inches_are_one_height() -> None:
    assert told("Ht 5' 9\" (1.753 m), Wt 92.1 kg") == [
        ("body height", 69, "[in_i]"), ("body weight", 92.1, "kg")
    ]  # fmt: skip


def test_a_diet_is_no_value() -> None:
    assert not measured("Low K diet.")


def test_ratios_of_urine() -> None:
    assert [(m.code, m.amount) for m in measured("UPCR 0.8 g/g, UACR 412 mg/g")] == [
        ("LOINC:2890-2", 0.8), ("LOINC:9318-7", 412)
    ]  # fmt: skip
