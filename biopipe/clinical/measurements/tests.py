"""The table of tests: names, LOINC ids, and the units and numbers that a test can have."""

from typing import NamedTuple

from biopipe.language.tables import read_table

__all__ = [
    "APGAR",
    "BLOOD_PRESSURE",
    "GRADE",
    "PLAIN_NUMBERS",
    "UNKNOWN_UNIT",
    "LaboratoryTest",
    "UnitRange",
    "load_tests",
]

BLOOD_PRESSURE = "blood pressure"
"""The test whose value is two numbers, and whose parts are tests of their own."""

APGAR = "Apgar score"
"""The score that is told of two or three times at once: "8 and 9"."""

GRADE = "{grade}"
"""Stands for classes, which are told as Arabic or Roman numbers or as capitals from A on."""

PLAIN_NUMBERS = frozenset({"{ratio}", "{score}", GRADE, "[pH]"})
"""Units that nobody writes."""

UNKNOWN_UNIT = "{unknown}"
"""Stands for numbers that may be in either of two units."""

_DOUBTFUL = frozenset({"vitals", "laboratory"})
# "Pt" is the patient.
_CAPITALS = "capitals"
_OUT_OF = "out of"
# Short forms of two letters and fewer have too many other meanings to be read anywhere.
_SHORT = 2


class UnitRange(NamedTuple):
    """A unit of a test as a UCUM code, with the lowest and highest number that a patient has."""

    code: str
    lowest: float
    highest: float


class LaboratoryTest(NamedTuple):
    """A test or a vital sign; a `doubtful` name counts with a unit or among other tests only, one
    in `capitals` only where it is written so, one `out_of` its highest number only so ("7/10").
    """

    name: str
    code: str
    units: tuple[UnitRange, ...]
    doubtful: bool
    capitals: bool = False
    out_of: bool = False

    @property
    def lowest(self) -> float:
        """The lowest number that a patient has."""
        return min(unit.lowest for unit in self.units)

    @property
    def scored(self) -> bool:
        """Whether it is a score or a class."""
        return any(unit.code in ("{score}", GRADE) for unit in self.units)

    @property
    def best(self) -> float:
        """The highest number of a score, which its value may be told out of: "22/30"."""
        return max(unit.highest for unit in self.units)

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
            test,
            code,
            tuple(map(_unit, units.split(","))),
            doubtful,
            source == _CAPITALS,
            source == _OUT_OF,
        )
    return tests


def _unit(cell: str) -> UnitRange:
    code, _, numbers = cell.rpartition(":")
    lowest, _, highest = numbers.rpartition("-")
    return UnitRange(code, float(lowest), float(highest))
