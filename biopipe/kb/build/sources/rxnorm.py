"""RxNorm: RXNCONSO.RRF of the full or the prescribable release, with RXNREL and RXNATOMARCHIVE
where they are.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from biopipe.document.labels import CHEMICAL
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.schema import Concept

__all__ = ["read", "read_version"]

# Columns of the RxNorm technical documentation, 12.4 (RXNCONSO), 12.7 (RXNREL) and 12.10
# (RXNATOMARCHIVE).
_RXCUI, _LANGUAGE, _SOURCE, _TERM_TYPE, _NAME, _SUPPRESS = 0, 1, 11, 12, 14, 16
_CHILD, _PARENT, _RELATION = 4, 0, 7
_OLD, _ARCHIVED_SOURCE, _NEW = 12, 13, 15
_COLUMNS = {"RXNCONSO.RRF": 18, "RXNREL.RRF": 16, "RXNATOMARCHIVE.RRF": 16}
_PRODUCT = ("Drug Product",)
_TYPES = {
    "IN": (CHEMICAL, "Ingredient"),
    "PIN": (CHEMICAL, "Ingredient"),
    "MIN": (CHEMICAL, "Ingredient"),
    "BN": (CHEMICAL, "Brand Name"),
    "DF": ("Dose Form",),
    "DFG": ("Dose Form",),
    "ET": ("Dose Form",),
    **dict.fromkeys(("SCD", "SCDC", "SCDF", "SCDFP", "SCDG", "SCDGP", "GPCK"), _PRODUCT),
    **dict.fromkeys(("SBD", "SBDC", "SBDF", "SBDFP", "SBDG", "BPCK"), _PRODUCT),
}
_VERSION = re.compile(r"RxNorm_\w+?_(\d{2})(\d{2})(\d{4})")

_Names = dict[str, None]


def read(path: Path) -> Iterator[Concept]:
    """Concepts `RXNORM:...` that have an RxNorm name, with all English names not suppressed; by
    number.

    `path` is RXNCONSO.RRF or the folder that holds it. The type goes by the term type: ingredients
    and brand names are Chemical, what is dispensed is Drug Product. Parents are those of "isa";
    merged ids have `replaced_by`.
    """
    conso = path / "RXNCONSO.RRF" if path.is_dir() else path
    preferred, names = _atoms(conso)
    if not preferred:
        raise KnowledgeBaseError(
            f"{conso} holds no name of RxNorm's own; give RXNCONSO.RRF of a release."
        )
    parents = _parents(conso.with_name("RXNREL.RRF"), preferred)
    for rxcui in sorted(preferred, key=int):
        name, term_type = preferred[rxcui]
        names[rxcui].pop(name, None)
        yield Concept(
            f"RXNORM:{rxcui}",
            name,
            tuple(names[rxcui]),
            _TYPES[term_type],
            parents=tuple(f"RXNORM:{parent}" for parent in parents.get(rxcui, ())),
            source="RxNorm",
        )
    yield from _merged(conso.with_name("RXNATOMARCHIVE.RRF"), preferred)


def read_version(path: Path) -> str:
    """The date in the name of the folder that the archive unpacks to, such as 2026-11-02, or ""."""
    dates = [date for part in path.parts if (date := _VERSION.match(part))]
    return f"{dates[-1][3]}-{dates[-1][1]}-{dates[-1][2]}" if dates else ""


def _atoms(path: Path) -> tuple[dict[str, tuple[str, str]], dict[str, _Names]]:
    """RxNorm's own name and its term type by concept, and all names by concept."""
    preferred: dict[str, tuple[str, str]] = {}
    names: dict[str, _Names] = {}
    for row in _rows(path):
        if row[_LANGUAGE] != "ENG" or row[_SUPPRESS] not in ("N", "") or not row[_NAME].strip():
            continue
        names.setdefault(row[_RXCUI], {})[row[_NAME].strip()] = None
        if row[_SOURCE] == "RXNORM" and row[_TERM_TYPE] in _TYPES:
            preferred.setdefault(row[_RXCUI], (row[_NAME].strip(), row[_TERM_TYPE]))
    return preferred, names


def _parents(path: Path, known: dict[str, tuple[str, str]]) -> dict[str, dict[str, None]]:
    parents: dict[str, dict[str, None]] = {}
    for row in _rows(path) if path.is_file() else ():
        if row[_RELATION] == "isa" and row[_CHILD] in known and row[_PARENT] in known:
            parents.setdefault(row[_CHILD], {})[row[_PARENT]] = None
    return parents


def _merged(path: Path, known: dict[str, tuple[str, str]]) -> Iterator[Concept]:
    seen: set[str] = set()
    for row in _rows(path) if path.is_file() else ():
        old, new = row[_OLD], row[_NEW]
        if (
            row[_ARCHIVED_SOURCE] == "RXNORM"
            and new in known
            and old not in known
            and old not in seen
        ):
            seen.add(old)
            yield Concept(f"RXNORM:{old}", row[2], replaced_by=f"RXNORM:{new}", source="RxNorm")


def _rows(path: Path) -> Iterator[list[str]]:
    """Fields of each line; a line of RRF ends in a pipe."""
    columns = _COLUMNS.get(path.name, 18)
    for number, line in numbered_lines(path):
        if not line:
            continue
        fields = line.split("|")
        if len(fields) != columns + 1 or not (fields[0].isdigit() or path.name != "RXNCONSO.RRF"):
            raise KnowledgeBaseError(
                f"{path}, line {number}, has {len(fields) - 1} fields where RxNorm's has "
                f"{columns}; "
                "the file is damaged or of another release format."
            )
        yield fields
