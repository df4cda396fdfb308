import pickle

import pytest

from biopipe.clinical.units import UnitReader
from biopipe.language.tables import read_table

READER = UnitReader()


@pytest.mark.parametrize(
    ("written", "code", "rest"),
    [
        ("mg/dL", "mg/dL", ""),
        ("mmHg.", "mm[Hg]", "."),
        ("mcg PO", "ug", " PO"),
        ("mg/kg/day", "mg/kg/d", ""),
        ("mg/m2/d", "mg/m2/d", ""),
        ("mg/m(2)x3", "mg/m2", "x3"),
        ("K/uL", "10*3/uL", ""),
        ("× 109/L", "10*9/L", ""),
        ("beats per minute", "/min", ""),
        ("IU/L", "[IU]/L", ""),
        ("mL/min/1.73 m2", "mL/min/{1.73_m2}", ""),
        ("g daily", "g", " daily"),
        ("umol/L", "umol/L", ""),
        ("micromol/L", "umol/L", ""),
        ("kPa", "kPa", ""),
    ],
)
def test_units_are_read_as_their_codes(written: str, code: str, rest: str) -> None:
    unit = READER.read(written, 0, len(written))
    assert unit is not None
    assert (unit.code, written[unit.end :]) == (code, rest)


@pytest.mark.parametrize("written", ["a day", "tablets", "gallant", "", "T", "mgs2x", "Labs"])
def test_words_are_no_units(written: str) -> None:
    assert READER.read(written, 0, len(written)) is None


def test_every_code_of_the_tables_is_a_unit_of_ucum() -> None:
    codes = {code for _, code, _ in read_table("biopipe.clinical", "tables/unit_spellings.tsv")}
    for row in read_table("biopipe.clinical.measurements", "tables/tests.tsv"):
        codes |= {cell.rpartition(":")[0] for cell in row[3].split(",")}
    assert len(codes) > 60
    # A code of UCUM that pint has no quantity for.
    for code in codes - {"[pH]"}:
        assert READER.commensurable(code, code)
        assert READER.convert(1, code, code) == 1


def test_conversion_is_that_of_ucum() -> None:
    assert READER.convert(98.6, "[degF]", "Cel") == pytest.approx(37)
    assert READER.convert(1, "g/L", "mg/dL") == pytest.approx(100)
    assert READER.convert(1, "mg/dL", "mmol/L") is None
    assert not READER.commensurable("mg/dL", "mm[Hg]")


def test_a_reader_can_be_pickled() -> None:
    READER.convert(1, "g", "mg")
    assert pickle.loads(pickle.dumps(READER)).convert(1, "g", "mg") == 1000


@pytest.mark.parametrize(
    ("written", "code"),
    [("UNITS", "[IU]"), ("MCG", "ug"), ("MEQ", "meq"), ("MG", "mg"), ("XYZ", "")],
)
def test_units_in_capitals(written: str, code: str) -> None:
    read = UnitReader().read(f"5 {written} daily", 2, 12)
    assert (read.code if read else "") == code
