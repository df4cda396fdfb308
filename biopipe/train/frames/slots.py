"""The slots for names: which there are, and whose names they take."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from biopipe.document.labels import CELL_LINE, CHEMICAL, DISEASE, GENE, SPECIES, VARIANT
from biopipe.language.tables import read_table

__all__ = ["MEANINGS", "MOUSE_GENES", "NameSlot", "TableName", "name_slots", "table_names"]

MOUSE_GENES = "Gene.mouse"
"""Takes the names of `Gene.symbol`, written as those of mice are."""

MEANINGS = {"Disease.meaning": "Disease.short"}
"""Slots whose names are the meanings of the names that another slot has under the same number."""

_PACKAGE = "biopipe.train.frames"
_TABLES = {
    CELL_LINE: "cell_line",
    CHEMICAL: "chemical",
    DISEASE: "disease",
    GENE: "gene",
    SPECIES: "species",
    VARIANT: "variant",
}


@dataclass(frozen=True, slots=True)
class NameSlot:
    """A slot such as `Disease.short`: the names of its rows in the tables, and those of bases that
    have the form `form` as a whole.

    The slot of a label alone (`Disease`) takes all names of bases, and the rows of the slots that
    are `general`.
    """

    name: str
    label: str
    general: bool
    form: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class TableName:
    """A row of the tables; `meaning` is the name under which bases may have its concept."""

    slot: str
    text: str
    meaning: str


@cache
def name_slots() -> Mapping[str, NameSlot]:
    """The slots of slots.tsv, and one for each label alone."""
    slots = {}
    for name, general, form in read_table(_PACKAGE, "tables/slots.tsv"):
        pattern = None if form == "-" else re.compile(form)
        slots[name] = NameSlot(name, name.partition(".")[0], general == "yes", pattern)
    for name in MEANINGS:
        slots[name] = NameSlot(name, name.partition(".")[0], False, None)
    # The slot of a label alone takes any name.
    for label in _TABLES:
        slots[label] = NameSlot(label, label, True, re.compile(".+"))
    return slots


@cache
def table_names() -> tuple[TableName, ...]:
    """The rows of all tables of names."""
    rows = []
    for table in _TABLES.values():
        for slot, text, *meaning in read_table(_PACKAGE, f"tables/{table}.tsv"):
            rows.append(TableName(slot, text, meaning[0] if meaning else text))
    return tuple(rows)
