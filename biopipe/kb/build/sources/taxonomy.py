"""Organisms of the NCBI Taxonomy: names.dmp, with the tree of nodes.dmp and the old ids of
merged.dmp beside it.
"""

from array import array
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from biopipe.document.labels import SPECIES
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.schema import Concept

__all__ = ["read"]

_SEPARATOR = "\t|\t"
_SCIENTIFIC = "scientific name"
# "in-part" names a taxon that this one is a part of; others not listed are synonyms.
_KINDS = {
    "blast name": "related",
    "in-part": "broad",
    "includes": "narrow",
    "misnomer": "related",
    "misspelling": "related",
}
# Nobody writes an organism with its author and year, and specimens of type material are not names.
_LEFT_OUT = frozenset({"authority", "type material"})


def read(path: Path) -> Iterator[Concept]:
    """Taxa with all their names; `path` is names.dmp or the folder of a taxdump that holds it.

    KnowledgeBaseError names the line of a taxon without a scientific name, or of a row with too few
    columns.
    """
    names = path / "names.dmp" if path.is_dir() else path
    parents = _parents(names.with_name("nodes.dmp"))
    # names.dmp is sorted by taxon: a taxon's rows follow each other.
    for taxon, rows in groupby(_rows(names, 4), key=lambda row: row[1][0]):
        yield _concept(
            taxon, [(number, fields[1], fields[3]) for number, fields in rows], parents, names
        )
    merged = names.with_name("merged.dmp")
    if merged.is_file():
        for _, (old, new, *_rest) in _rows(merged, 2):
            yield Concept(
                f"NCBITaxon:{old}",
                f"taxon {old}",
                replaced_by=f"NCBITaxon:{new}",
                source="NCBI Taxonomy",
            )


def _concept(
    taxon: str, rows: list[tuple[int, str, str]], parents: "array[int]", path: Path
) -> Concept:
    scientific = next((name for _, name, kind in rows if kind == _SCIENTIFIC), "")
    if not scientific:
        raise KnowledgeBaseError(
            f"{path}, line {rows[0][0]}, begins taxon {taxon}, which has no scientific name; "
            "keep the rows of a taxon together, as NCBI's file has them."
        )
    names = {name: _KINDS.get(kind, "exact") for _, name, kind in rows if kind not in _LEFT_OUT}
    names.pop(scientific, None)
    number = int(taxon)
    parent = parents[number] if number < len(parents) else 0
    return Concept(
        f"NCBITaxon:{taxon}",
        scientific,
        tuple(names),
        (SPECIES,),
        parents=(f"NCBITaxon:{parent}",) if parent not in (0, number) else (),
        synonym_kinds=tuple(names.values()),
        source="NCBI Taxonomy",
    )


def _parents(path: Path) -> "array[int]":
    """The parent of each taxon by number, 0 where there is none; empty without the file."""
    parents = array("I")
    if not path.is_file():
        return parents
    for _, (taxon, parent, *_rest) in _rows(path, 2):
        missing = int(taxon) + 1 - len(parents)
        if missing > 0:
            parents.frombytes(bytes(parents.itemsize * missing))
        parents[int(taxon)] = int(parent)
    return parents


def _rows(path: Path, columns: int) -> Iterator[tuple[int, list[str]]]:
    for number, line in numbered_lines(path):
        if not line.strip():
            continue
        fields = line.removesuffix("\t|").split(_SEPARATOR)
        if len(fields) < columns or not (fields[0].isdigit() and len(fields[0]) < 10):
            raise KnowledgeBaseError(
                f"{path}, line {number}, is not a row of {columns} or more columns between "
                "'\\t|\\t' that begins "
                "with a taxon's number; give names.dmp of NCBI's taxdump."
            )
        yield number, fields
