"""Ids of other vocabularies in the one spelling that knowledge bases use: `MESH:D003924`,
`ORPHA:124`.
"""

import re

__all__ = ["VOCABULARIES", "disease_id", "normal_curie"]

# Lower-case prefix as files write it, and ours where that is not its plain upper case.
_PREFIXES = {
    "cellosaurus": "Cellosaurus",
    "do": "DOID",
    "entrez": "NCBIGene",
    "icd10": "ICD10",
    "icd10cm": "ICD10CM",
    "mesh": "MESH",
    "mim": "OMIM",
    "msh": "MESH",
    "nci": "NCIT",
    "ncit": "NCIT",
    "ncbigene": "NCBIGene",
    "ncbitaxon": "NCBITaxon",
    "omim": "OMIM",
    "orpha": "ORPHA",
    "orphanet": "ORPHA",
    "sctid": "SNOMEDCT",
    "snomedct": "SNOMEDCT",
    "taxonomy": "NCBITaxon",
    "umls": "UMLS",
    "umls_cui": "UMLS",
}
VOCABULARIES = frozenset(_PREFIXES.values()) | {"CHEBI", "CL", "DrugBank", "HGNC", "HP", "MONDO"}
"""Prefixes whose ids are those of concepts, not of papers, pictures or projects."""

_SNOMED = re.compile(r"snomedct_(?:us|international)?[\d_]*", re.IGNORECASE)
_IRI_END = re.compile(r"([A-Za-z][A-Za-z0-9.]*)[_:]([A-Za-z0-9][\w.-]*)\Z")
_SPACE_IN_IRI = {
    "id.nlm.nih.gov/mesh/": "MESH",
    "identifiers.org/mesh/": "MESH",
    "identifiers.org/snomedct/": "SNOMEDCT",
    "linkedlifedata.com/resource/umls/id/": "UMLS",
    "omim.org/entry/": "OMIM",
    "snomed.info/id/": "SNOMEDCT",
}
_MESH_ID = re.compile(r"[CD](?:\d{6,})?\Z")


def normal_curie(id_: str) -> str:
    """`id_`, a CURIE or an IRI, with the prefix as knowledge bases write it; "" when an IRI has no
    id in it.
    """
    if "://" in id_:
        return _from_iri(id_)
    prefix, colon, local = id_.strip().partition(":")
    if prefix.upper() == "DO" and local.startswith("DOID:"):  # CTD writes DO:DOID:0110042
        return local
    return f"{_prefix(prefix)}:{local}" if colon and local else id_.strip()


def disease_id(id_: str) -> str:
    """The CURIE of a disease id as MEDIC writes it: bare MeSH ids, and numbers that are OMIM's."""
    if ":" in id_:
        return normal_curie(id_)
    if id_.isdigit():
        return f"OMIM:{id_}"
    return f"MESH:{id_}" if _MESH_ID.match(id_) else id_


def _prefix(prefix: str) -> str:
    if _SNOMED.fullmatch(prefix):
        return "SNOMEDCT"
    return _PREFIXES.get(prefix.lower(), prefix)


def _from_iri(iri: str) -> str:
    for space, prefix in _SPACE_IN_IRI.items():
        if space in iri:
            return f"{prefix}:{iri.rpartition('/')[2]}"
    end = _IRI_END.match(iri.rpartition("/")[2].rpartition("#")[2])
    return f"{_prefix(end[1])}:{end[2]}" if end else ""
