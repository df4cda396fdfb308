"""The table of tests: names, LOINC ids, and the units and numbers that a test can have."""

from typing import NamedTuple

from biopipe.language.tables import read_table

__all__ = [
    "BLOOD_PRESSURE",
    "PLAIN_NUMBERS",
    "UNKNOWN_UNIT",
    "LaboratoryTest",
    "UnitRange",
    "load_tests",
]

BLOOD_PRESSURE = "blood pressure"
"""The test whose value is two numbers, and whose parts are tests of their own."""

PLAIN_NUMBERS = frozenset({"{ratio}", "{score}", "[pH]"})
"""Units that nobody writes."""

UNKNOWN_UNIT = "{unknown}"
"""Stands for numbers that may be in either of two units."""

_DOUBTFUL = frozenset({"vitals", "laboratory"})
# "Pt" is the patient.
_CAPITALS = "capitals"
# Short forms of two letters and fewer have too many other meanings to be read anywhere.
_SHORT = 2


class UnitRange(NamedTuple):
    """A unit of a test as a UCUM code, with the lowest and highest number that a patient has."""

    code: str
    lowest: float
    highest: float


class LaboratoryTest(NamedTuple):
    """A test or a vital sign; a `doubtful` name counts with a unit or among other tests only, one
    in `capitals` only where it is written so.
    """

    name: str
    code: str
    units: tuple[UnitRange, ...]
    doubtful: bool
    capitals: bool = False

    def unit_for(self, number: float) -> str:
        """The first unit that a number without one can be in, "" for none."""
        return next((u.code for u in self.units if u.lowest <= number <= u.highest), "")


def load_tests() -> dict[str, LaboratoryTest]:
    """The tests by their names, in lower case."""
    tests = {}
    for name, test, code, units, source in read_table(
        "biopipe.clinical.measurements", "tables/tests.tsv"
    ):
        doubtful = source in _DOUBTFUL or len(name) <= _SHORT
        tests[name] = LaboratoryTest(
            test, code, tuple(map(_unit, units.split(","))), doubtful, source == _CAPITALS
        )
    return tests


def _unit(cell: str) -> UnitRange:
    code, _, numbers = cell.rpartition(":")
    lowest, _, highest = numbers.rpartition("-")
    return UnitRange(code, float(lowest), float(highest))
