"""Ids of variants that have no rs number: tmVar's normal form, with the gene where a text says it.

`p|SUB|V|600|E`, `p|SUB|V|600|E;CorrespondingGene:673` (the field of PubTator 3 and tmVar 3; Wei et
al. 2022, Bioinformatics 38:4449). Digits are an id of NCBI Gene; any other gene has its prefix.
"""

import re

__all__ = [
    "form_of_hgvs",
    "is_variant_form",
    "variant_gene",
    "variant_with_gene",
    "variant_without_gene",
]

_FORM = re.compile(r"[a-z]?\|[A-Za-z]+\|[^;]*\Z")
_GENE = re.compile(r";CorrespondingGene:([^;]+)\Z")
_OF_RESIDUE = re.compile(r"p\.([A-Z])(\d+)([A-Z*])")
_OF_BASE = re.compile(r"([cgmnr])\.([-*]?\d+(?:[-+]\d+)?)([ACGT])>([ACGT])")
_NCBI_GENE = "NCBIGene:"


def is_variant_form(concept_id: str) -> bool:
    """Whether an id is a normal form without a gene."""
    return _FORM.match(concept_id) is not None


def variant_with_gene(form: str, gene_id: str) -> str:
    """The id of a variant in normal form of a gene, whose id is a CURIE."""
    return f"{form};CorrespondingGene:{gene_id.removeprefix(_NCBI_GENE)}"


def variant_without_gene(concept_id: str) -> str:
    """The id of a variant without its gene; any other id as it is."""
    return _GENE.sub("", concept_id)


def variant_gene(concept_id: str) -> str | None:
    """The CURIE of the gene in the id of a variant; None where it has none."""
    match = _GENE.search(concept_id)
    if match is None:
        return None
    return f"{_NCBI_GENE}{match[1]}" if match[1].isdigit() else match[1]


def form_of_hgvs(expression: str) -> str | None:
    """The normal form of a substitution in HGVS with codes of one letter, as PubTator 3 writes it
    in relations ("p.V600E", "c.35G>A"); None for any other.
    """
    if residue := _OF_RESIDUE.fullmatch(expression):
        before, place, after = residue.groups()
        return f"p|SUB|{before}|{place}|{after.replace('*', 'X')}"
    if base := _OF_BASE.fullmatch(expression):
        kind, place, before, after = base.groups()
        return f"{kind}|SUB|{before}|{place}|{after}"
    return None
