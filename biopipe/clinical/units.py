"""Units of measurement behind a number, as UCUM codes.

Codes, prefixes and conversions are those of the package ucumvert, which carries the Unified Code
for Units of Measure and gives its units to pint; a table of spellings says what notes write in
place of a code ("mmHg", "mcg", "K/uL").
"""

import re
from functools import cached_property
from typing import Any, NamedTuple

from biopipe.extras import require
from biopipe.language.tables import read_table

__all__ = ["DAYS_OF_PERIOD", "EXTRA", "ISO_PERIODS", "UnitReader", "UnitSpan"]

EXTRA = "clinical"
"""The pip extra that brings the packages for units, dates and FHIR."""
DAYS_OF_PERIOD = {"min": 1 / 1440, "h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 30.4375, "a": 365.25}
"""Days in a period of time, by its UCUM code; a month and a year are UCUM's mean ones (Julian)."""
ISO_PERIODS = {"min": "PT{}M", "h": "PT{}H", "d": "P{}D", "wk": "P{}W", "mo": "P{}M", "a": "P{}Y"}
"""How ISO 8601 writes so many of a period, by its UCUM code."""

# What is measured of patients and drugs; a "5 a" or "3 T" of a note is neither years nor tesla.
_PROPERTIES = frozenset(
    {"amount of substance", "amount of substance (dissolved particles)", "catalytic activity",
     "energy dose", "fraction", "mass", "pressure", "radioactivity", "volume"}
)  # fmt: skip
_PREFIXES = frozenset("kdcmunpf")
_ATOM = re.compile(r"[A-Za-zµμ%]+")
_DIVISION = re.compile(r"\s?/\s?|\s+per\s+")
_POWER = re.compile(r"\s?\^?\(?([23])\)?(?!\d)|([²³])")
_POWERS = {"²": "2", "³": "3"}
# Whatever is counted by its square or its cube is a length.
_LENGTHS = frozenset({"m", "cm", "mm", "dm", "um"})
_MOST_PARTS = 4
_SHORTEST_CAPITALS = 3


class UnitSpan(NamedTuple):
    """A unit that ends at `end`, as a UCUM code."""

    end: int
    code: str


class UnitReader:
    """Reads the unit behind a number; ExtraMissing without the package ucumvert."""

    def __init__(self) -> None:
        rows = read_table("biopipe.clinical", "tables/unit_spellings.tsv")
        self._spellings = {spelling: code for spelling, code, _ in rows}
        longest = sorted(self._spellings, key=len, reverse=True)
        self._spelled = re.compile(
            "(?:" + "|".join(map(re.escape, longest)) + r")(?![^\W_])(?!\.\d)"
        )
        # "5000 UNITS" and "40 MEQ" of notes in capitals.
        self._capitals = {
            spelling.upper(): code
            for spelling, code, _ in rows
            if len(spelling) >= _SHORTEST_CAPITALS
        }
        self._codes = _ucum_codes()
        self._parsed: dict[str, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        # The registry of units holds locks and is made again.
        return {name: value for name, value in vars(self).items() if name != "_registry"} | {
            "_parsed": {}
        }

    def read(self, text: str, start: int, end: int) -> UnitSpan | None:
        """The unit that begins at `start`, before `end`; None where there is none."""
        numerator = self._atom(text, start, end)
        if numerator is None:
            return None
        code, place = numerator.code, numerator.end
        for _ in range(_MOST_PARTS - 1):
            division = _DIVISION.match(text, place, end)
            below = self._atom(text, division.end(), end) if division else None
            if below is None or below.code.startswith(("/", "10*")) or "/" in below.code:
                break
            code, place = f"{code}/{below.code}", below.end
        return UnitSpan(place, code)

    def convert(self, amount: float, unit: str, to_unit: str) -> float | None:
        """The amount in another unit; None where the two do not measure the same.

        >>> UnitReader().convert(98.6, "[degF]", "Cel")
        37.0
        """
        pint = require("pint", EXTRA)
        try:
            quantity = self._registry.Quantity(amount, self._unit(unit))
            return round(float(quantity.to(self._unit(to_unit)).magnitude), 9)
        except pint.DimensionalityError:
            return None

    def commensurable(self, unit: str, other: str) -> bool:
        """Whether an amount in one unit can be told in the other."""
        if unit == other:
            return True
        return bool(self._unit(unit).dimensionality == self._unit(other).dimensionality)

    def _atom(self, text: str, start: int, end: int) -> UnitSpan | None:
        spelled = self._spelled.match(text, start, end)
        if spelled:
            code, place = self._spellings[spelled[0]], spelled.end()
        else:
            letters = _ATOM.match(text, start, end)
            if letters is None or ((place := letters.end()) < end and text[place].isalnum()):
                return None
            # UCUM writes a u for the Greek letter.
            code = self._codes.get(re.sub("[µμ]", "u", letters[0]), "")
            code = code or self._capitals.get(letters[0], "")
        if not code:
            return None
        if code in _LENGTHS and (power := _POWER.match(text, place, end)):
            return UnitSpan(power.end(), code + (power[1] or _POWERS[power[2]]))
        return UnitSpan(place, code)

    def _unit(self, code: str) -> Any:
        if code not in self._parsed:
            # A lone annotation such as {dose} is the unit 1.
            quantity = self._registry.from_ucum("1" if code.startswith("{") else code)
            self._parsed[code] = quantity.u
        return self._parsed[code]

    @cached_property
    def _registry(self) -> Any:
        return require("ucumvert", EXTRA).PintUcumRegistry()


def _ucum_codes() -> dict[str, str]:
    """Codes of UCUM by themselves, with the prefixes that are in use."""
    definitions = require("ucumvert.xml_util", EXTRA).get_units_with_full_definition()
    codes = {"g": "g"} | {f"{prefix}g": f"{prefix}g" for prefix in _PREFIXES}
    for unit in definitions:
        if unit.property_ not in _PROPERTIES or "[" in unit.code_cs:
            continue
        codes[unit.code_cs] = unit.code_cs
        if unit.is_metric:
            codes |= {f"{prefix}{unit.code_cs}": f"{prefix}{unit.code_cs}" for prefix in _PREFIXES}
    return {code: code for code in codes.values() if len(code) > 1 or code in "gLlU%"}
