"""Vocabularies of the Comparative Toxicogenomics Database: CTD_diseases (MEDIC) and CTD_chemicals,
.tsv or .tsv.gz.
"""

from collections.abc import Iterator
from pathlib import Path

from biopipe.document.labels import CHEMICAL, DISEASE
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.curie import normal_curie
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.build.sources.medic import without_included
from biopipe.kb.build.sources.table import columns_of
from biopipe.kb.schema import Concept

__all__ = ["read", "read_version"]

_TYPES = {"DiseaseName": DISEASE, "ChemicalName": CHEMICAL}
_COLUMNS = {
    "name": tuple(_TYPES),
    "id": ("DiseaseID", "ChemicalID"),
    "alternatives": ("AltDiseaseIDs",),
    "cas": ("CasRN",),
    "definition": ("Definition",),
    "parents": ("ParentIDs",),
    "synonyms": ("Synonyms", "MESHSynonyms"),
    "curated": ("CTDCuratedSynonyms",),
}
_CREATED = "# Report created:"


def read(path: Path) -> Iterator[Concept]:
    """Diseases or chemicals, by the columns of the file; alternative ids become `replaced_by`
    rows.
    """
    header: list[str] = []
    places: dict[str, int] = {}
    for number, line in numbered_lines(path):
        where = f"{path}, line {number},"
        if line.startswith("#"):
            # The names of the columns are a comment, under one that says "# Fields:".
            fields = line.lstrip("# ").split("\t")
            header = fields if len(fields) > 1 else header
        elif line.strip():
            if not places:
                places = columns_of(header, _COLUMNS, required=("name", "id"), where=where)
            values = line.split("\t")
            if len(values) <= max(places["name"], places["id"]):
                raise KnowledgeBaseError(
                    f"{where} has no name or no id; the file is damaged or cut off."
                )
            row = {name: values[place] for name, place in places.items() if place < len(values)}
            yield from _concepts(row, _TYPES[header[places["name"]]])


def read_version(path: Path) -> str:
    """The day on which CTD made the file, or ""."""
    for _, line in numbered_lines(path):
        if line.startswith(_CREATED):
            return line.removeprefix(_CREATED).strip()
        if not line.startswith("#"):
            break
    return ""


def _concepts(row: dict[str, str], type_: str) -> Iterator[Concept]:
    id_, name = normal_curie(row["id"]), row["name"].strip()
    kinds = without_included(
        [*_parts(row, "synonyms"), *_parts(row, "curated"), row.get("cas", "").strip()]
    )
    kinds.pop(name, None)
    parents = (normal_curie(parent) for parent in _parts(row, "parents"))
    yield Concept(
        id_,
        name,
        tuple(kinds),
        (type_,),
        row.get("definition", "").strip(),
        tuple(parents),
        synonym_kinds=tuple(kinds.values()),
        source="CTD",
    )
    for alternative in _parts(row, "alternatives"):
        yield Concept(normal_curie(alternative), name, replaced_by=id_, source="CTD")


def _parts(row: dict[str, str], column: str) -> list[str]:
    return [part.strip() for part in row.get(column, "").split("|") if part.strip()]
