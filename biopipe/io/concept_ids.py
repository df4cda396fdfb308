"""Concept ids as annotation files write them (bare, joined) and as CURIEs."""

import re

__all__ = ["bare_id", "concept_ids", "curie"]

_NIL = frozenset({"", "-", "-1", "None", "null"})
_GENE = frozenset({"Gene", "GeneFamily", "GeneOrGeneProduct"})
_SPECIES = frozenset({"Species", "OrganismTaxon"})
_DISEASE = frozenset({"Disease", "DiseaseOrPhenotypicFeature"})
_DIGITS = re.compile(r"\d+\Z")
_MESH = re.compile(r"[CD]\d{6,}\Z")
_GENE_OF_SPECIES = re.compile(r"(\d+)\(Tax:\d+\)\Z")
_SPLIT = re.compile(r"[,;|]")
# tmVar writes c|SUB|G|12|A and may add ;Gene:1;Disease:D1,D2: only a new variant id starts another id.
_VARIANT = re.compile(r"[a-z]\|")
_SPLIT_VARIANTS = re.compile(r"[,;](?=[a-z]\||rs\d|dbSNP:)")
_VARIANT_IDS = re.compile(r"(?:(?:dbSNP:)?rs\d+[,;])*[a-z]\|")


def concept_ids(field: str, label: str) -> tuple[str, ...]:
    """The CURIEs of an id column; empty for NIL ("-", "-1", nothing)."""
    split = _SPLIT_VARIANTS if _VARIANT_IDS.match(field) else _SPLIT
    parts = (part.strip() for part in split.split(field))
    return tuple(dict.fromkeys(curie(part, label) for part in parts if part not in _NIL))


def curie(identifier: str, label: str) -> str:
    """`identifier` with its prefix where the mention label or its form makes that certain, else as it is."""
    if _MESH.match(identifier):
        return f"MESH:{identifier}"
    if identifier.startswith("CVCL_"):
        return f"Cellosaurus:{identifier}"
    if re.match(r"rs\d+\Z", identifier):
        return f"dbSNP:{identifier}"
    if label in _GENE and (with_species := _GENE_OF_SPECIES.match(identifier)):
        return f"NCBIGene:{with_species[1]}"
    if not _DIGITS.match(identifier):
        return identifier
    if label in _GENE:
        return f"NCBIGene:{identifier}"
    if label in _SPECIES:
        return f"NCBITaxon:{identifier}"
    return f"OMIM:{identifier}" if label in _DISEASE else identifier


def bare_id(concept_id: str, label: str) -> str:
    """`concept_id` without the prefix that `curie` would give back, else as it is."""
    _, _, rest = concept_id.partition(":")
    return rest if rest and curie(rest, label) == concept_id else concept_id
