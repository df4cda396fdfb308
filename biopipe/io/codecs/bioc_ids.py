"""The ids of a BioC annotation, under whatever name its infons keep them.

BioC leaves the keys of infons to the corpus: "identifier" (PubTator), "MESH" (BC5CDR), "cui",
"NCBI Gene", "dbSNP" and more are in use.
"""

import re
from collections.abc import Mapping
from typing import Any

from biopipe.language.reference_snps import RS_ID

__all__ = ["id_column"]

# Keys without case, spaces and signs, in the order in which they count; the prefix that a bare id
# under the key gets, "" where its form or the label says it.
_PREFIXES = {
    "identifier": "",
    "identifiers": "",
    "conceptid": "",
    "conceptids": "",
    "curie": "",
    "mesh": "MESH",
    "meshid": "MESH",
    "omim": "OMIM",
    "ncbigene": "NCBIGene",
    "ncbigeneid": "NCBIGene",
    "entrez": "NCBIGene",
    "entrezid": "NCBIGene",
    "entrezgene": "NCBIGene",
    "entrezgeneid": "NCBIGene",
    "geneid": "NCBIGene",
    "ncbitaxonomy": "NCBITaxon",
    "ncbitaxon": "NCBITaxon",
    "taxonomy": "NCBITaxon",
    "taxid": "NCBITaxon",
    "taxonid": "NCBITaxon",
    "cui": "UMLS",
    "umls": "UMLS",
    "umlsid": "UMLS",
    "dbsnp": "dbSNP",
    "rsid": "dbSNP",
    "hpo": "HP",
    "hpoid": "HP",
    "hp": "HP",
    "chebi": "CHEBI",
    "chebiid": "CHEBI",
    "mondo": "MONDO",
    "doid": "DOID",
    "go": "GO",
    "goid": "GO",
    "cl": "CL",
    "uberon": "UBERON",
    "cellosaurus": "Cellosaurus",
    "drugbank": "DrugBank",
    "drugbankid": "DrugBank",
    "snomed": "SNOMEDCT",
    "snomedct": "SNOMEDCT",
    "uniprot": "UniProt",
    "uniprotkb": "UniProt",
    "ensembl": "ENSEMBL",
    "hgnc": "HGNC",
    "orphanet": "ORPHA",
    "ordo": "ORPHA",
    "rxnorm": "RXNORM",
    "rxcui": "RXNORM",
    "loinc": "LOINC",
    "meddra": "MEDDRA",
    "ncit": "NCIT",
    "efo": "EFO",
    "pubchem": "PUBCHEM.COMPOUND",
    "pubchemcid": "PUBCHEM.COMPOUND",
    "normalizedid": "",
    "kbid": "",
    "entityid": "",
    "id": "",
}
_SIGNS = re.compile(r"[\W_]+")
_CURIE = re.compile(r"[A-Za-z][A-Za-z.]{0,19}:[A-Za-z]{0,5}\d[\w.-]*")
_BARE = re.compile(r"[A-Za-z_]{0,5}\d[\w.-]*")
# What a code has before its digits says its vocabulary better than a key does.
_KNOWN_FORM = re.compile(rf"(?:[CD](?:\d{{6}}|\d{{9}})|C\d{{7}}|CVCL_\w{{4}}|{RS_ID})\Z")
_SEPARATOR = re.compile(r"([,;|])")
# What corpora and table programs write for "no id".
_NO_ID = frozenset({"", "-", "-1", "none", "null", "nan"})


def id_column(infons: Mapping[str, Any], label: str) -> str:
    """The ids that the infons of an annotation hold, as a column that `concept_ids` reads; "" for
    none.

    A key that names ids or a vocabulary counts first, then one with the name of a vocabulary in it,
    or any value that is a CURIE. Beside the
    form of a variant stand its number in dbSNP and its gene, as PubTator 3 has them.
    """
    by_key = {_SIGNS.sub("", str(key)).lower(): value for key, value in infons.items()}
    # In the order of the table: an annotation may have "MESH" and "identifier", and the latter says
    # more.
    for key, prefix in _PREFIXES.items():
        value = _text(by_key.get(key))
        if value and (prefix or _may_be_id(key, value)):
            return _with_variant_fields(_prefixed(value, prefix), by_key)
    # No key of the table: then one that only names a vocabulary among other words, where all that
    # stands under it looks like an id.
    for key, value in infons.items():
        prefix = _prefix_in_words(str(key))
        column = _prefixed(_text(value), prefix)
        ids = [part.strip() for part in _SEPARATOR.split(column)[::2]]
        if all(_CURIE.fullmatch(part) or (prefix and _KNOWN_FORM.match(part)) for part in ids):
            return column
    return ""


def _prefix_in_words(key: str) -> str:
    """The prefix that one word of a key names ("UMLS CUI", "mesh_term_id"); "" for none."""
    prefixes = (_PREFIXES.get(word, "") for word in _SIGNS.split(key.lower()))
    return next(filter(None, prefixes), "")


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(filter(None, map(_text, value)))
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value).strip()
    return "" if text.lower() in _NO_ID else text


def _may_be_id(key: str, value: str) -> bool:
    """Whether a value under a general key is one: "id" often counts annotations ("T12")."""
    return key not in ("id", "entityid", "kbid") or _CURIE.fullmatch(value) is not None


def _prefixed(value: str, prefix: str) -> str:
    """The ids of a column with the prefix of their vocabulary, where they have none."""
    if not prefix:
        return value
    parts = _SEPARATOR.split(value)
    for index in range(0, len(parts), 2):
        part = parts[index].strip()
        if _BARE.fullmatch(part) and not _KNOWN_FORM.match(part):
            parts[index] = f"{prefix}:{part}"
    return "".join(parts)


def _with_variant_fields(column: str, by_key: Mapping[str, Any]) -> str:
    # PubTator 3 spreads what it knows of a variant over several infons; `concept_ids` reads them
    # from one column.
    if not column.startswith("tmVar:") or ";" in column:
        return column
    rs, gene = _text(by_key.get("rsid")), _text(by_key.get("geneid"))
    column += f";HGVS:{hgvs}" if (hgvs := _text(by_key.get("hgvs"))) else ""
    column += f";RS#:{rs.removeprefix('rs')}" if rs.removeprefix("rs").isdecimal() else ""
    return column + (f";CorrespondingGene:{gene}" if gene.isdecimal() else "")
