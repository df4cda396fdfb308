"""LOINC: Loinc.csv of a release, with the replaced codes of MapTo.csv beside it."""

import csv
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.schema import Concept

__all__ = ["read", "read_version"]

# CLASSTYPE of the LOINC Users' Guide, appendix A.
_TYPES = {
    "1": "Laboratory Test",
    "2": "Clinical Observation",
    "3": "Claims Attachment",
    "4": "Survey",
}
_NAMES = ("SHORTNAME", "CONSUMER_NAME", "DisplayName")
_AXES = ("COMPONENT", "PROPERTY", "TIME_ASPCT", "SYSTEM", "SCALE_TYP", "METHOD_TYP")
_REQUIRED = ("LOINC_NUM", "LONG_COMMON_NAME", "STATUS")
_VERSION = re.compile(r"loinc[_-](\d+\.\d+)", re.IGNORECASE)


def read(path: Path) -> Iterator[Concept]:
    """Terms by their long common name, with short, display and consumer names and the fully
    specified name.

    Deprecated terms have no names to be looked up; those that MapTo.csv maps become concepts with
    `replaced_by`. RELATEDNAMES2 is left out: it lists words of the parts of a term, not names of
    it.
    """
    deprecated: dict[str, str] = {}
    for row in _rows(path, _REQUIRED):
        if row["STATUS"] == "DEPRECATED":
            deprecated[row["LOINC_NUM"]] = row["LONG_COMMON_NAME"] or row["LOINC_NUM"]
        else:
            yield _concept(row)
    mapped = path.with_name("MapTo.csv")
    if mapped.is_file():
        for row in _rows(mapped, ("LOINC", "MAP_TO")):
            if name := deprecated.pop(row["LOINC"], ""):
                replaced_by = f"LOINC:{row['MAP_TO']}"
                yield Concept(
                    f"LOINC:{row['LOINC']}", name, replaced_by=replaced_by, source="LOINC"
                )


def read_version(path: Path) -> str:
    """The release in the name of the folder that the archive unpacks to, such as 2.80, or ""."""
    versions = [version[1] for part in path.parts if (version := _VERSION.match(part))]
    return versions[-1] if versions else ""


def _concept(row: dict[str, str]) -> Concept:
    code = row["LOINC_NUM"]
    axes = [value for name in _AXES if (value := row.get(name, ""))]
    name = row["LONG_COMMON_NAME"] or ":".join(axes) or code
    names = dict.fromkeys([*(row.get(column, "") for column in _NAMES), ":".join(axes)])
    type_ = _TYPES.get(row.get("CLASSTYPE", ""))
    return Concept(
        f"LOINC:{code}",
        name,
        tuple(other for other in names if other and other != name),
        (type_,) if type_ else (),
        row.get("DefinitionDescription", ""),
        source="LOINC",
    )


def _rows(path: Path, required: Collection[str]) -> Iterator[dict[str, str]]:
    """Rows by column; KnowledgeBaseError names the column or the line that is not as it should
    be.
    """
    number = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            for name in required:
                if name not in header:
                    raise KnowledgeBaseError(
                        f"{path} has no column '{name}'; the columns there are: "
                        f"{', '.join(header[:12])}."
                    )
            for values in reader:
                number = reader.line_num
                if values and len(values) != len(header):
                    raise KnowledgeBaseError(
                        f"{path}, line {number}, has {len(values)} columns where its header has "
                        f"{len(header)}; "
                        "the file is damaged or cut off."
                    )
                if values:
                    yield {name: value.strip() for name, value in zip(header, values, strict=True)}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise KnowledgeBaseError(
            f"Cannot read {path} after line {number} ({error}); check that the file is there and "
            "whole."
        ) from error
