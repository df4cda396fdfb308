"""Ids of variants that have no rs number: tmVar's normal form, with the gene where a text says it.

`p|SUB|V|600|E`, `p|SUB|V|600|E;CorrespondingGene:673` (the field of PubTator 3 and tmVar 3; Wei et
al. 2022, Bioinformatics 38:4449). Digits are an id of NCBI Gene; any other gene has its prefix.
"""

import re
from collections.abc import Sequence

__all__ = [
    "form_of_hgvs",
    "hgvs_name",
    "is_variant_form",
    "variant_with_gene",
    "variant_without_gene",
]

_FORM = re.compile(r"[a-z]?\|[A-Za-z]+\|[^;]*\Z")
_GENE = re.compile(r";CorrespondingGene:([^;]+)\Z")
_NCBI_GENE = "NCBIGene:"
# Which field of a type is the place, and the word of HGVS for an edit.
_PLACES = {"SUB": 1, "FS": 1, "Allele": 1, "DEL": 0, "INS": 0, "DUP": 0, "INDEL": 0, "INV": 0}
_EDITS = {"DEL": "del", "INS": "ins", "DUP": "dup", "INDEL": "delins", "INV": "inv"}


def is_variant_form(concept_id: str) -> bool:
    """Whether an id is a normal form without a gene."""
    return _FORM.match(concept_id) is not None


def variant_with_gene(form: str, gene_id: str) -> str:
    """The id of a variant in normal form of a gene, whose id is a CURIE."""
    return f"{form};CorrespondingGene:{gene_id.removeprefix(_NCBI_GENE)}"


def variant_without_gene(concept_id: str) -> str:
    """The id of a variant without its gene; any other id as it is."""
    return _GENE.sub("", concept_id)


def hgvs_name(form: str) -> str | None:
    """How HGVS would write a normal form ("p.V600E", "c.217_218insC", "p.R97Pfs*23"), in codes of
    one letter and with the place as the text counts it; None for a form without a place.
    """
    kind, type_, *fields = form.split("|")
    if type_ not in _PLACES or len(fields) < _PLACES[type_] + 1:
        return None
    place = fields[_PLACES[type_]]
    if not place or place.startswith(("CODON", "EXON")):
        return None
    if kind == "p":
        fields = [field.replace("X", "*") for field in fields]
    return f"{kind or 'c'}.{_described(kind, type_, place, fields)}"


def _described(kind: str, type_: str, place: str, fields: Sequence[str]) -> str:
    if type_ == "SUB":
        before, _, after = fields[:3]
        letters = after.replace(",", "/")
        return f"{before}{place}{letters}" if kind == "p" else f"{place}{before}>{letters}"
    if type_ == "FS":
        before, _, after, *stop = fields
        return f"{before}{place}{after}fs" + "".join(f"*{number}" for number in stop if number)
    if type_ == "Allele":
        return f"{fields[0]}{place}" if kind == "p" else f"{place}{fields[0]}"
    sequence, word = fields[1], _EDITS[type_]
    if type_ == "DUP" and fields[2:] not in ([], [""]):
        return f"{place}{sequence}[{fields[2]}]"
    if kind == "p" and type_ in ("DEL", "DUP") and len(sequence) == 1 and "_" not in place:
        return f"{sequence}{place}{word}"
    return f"{place}{word}{sequence}"


def form_of_hgvs(expression: str) -> str | None:
    """The normal form of a change in HGVS with codes of one letter, as PubTator 3 writes it in
    relations ("p.V600E", "c.35G>A", "c.35delG", "p.R97Pfs*23"); None for any other.
    """
    for pattern, build in _EXPRESSIONS:
        if match := pattern.fullmatch(expression):
            return build(*(group or "" for group in match.groups()))
    return None


def _of_residue(before: str, place: str, after: str) -> str:
    return f"p|SUB|{before}|{place}|{after.replace('*', 'X')}"


def _of_base(kind: str, place: str, before: str, after: str) -> str:
    return f"{kind}|SUB|{before}|{place}|{after}"


def _frameshift(before: str, place: str, after: str, stop: str) -> str:
    return f"p|FS|{before}|{place}|{after}|{stop}"


def _edit(kind: str, residue: str, place: str, word: str, sequence: str) -> str:
    type_ = next(type_ for type_, written in _EDITS.items() if written == word)
    end = "|" if type_ == "DUP" else ""
    return f"{kind}|{type_}|{place}|{residue or sequence}{end}"


_BASE_PLACE = r"[-*]?\d+(?:[-+]\d+)?"
_EXPRESSIONS = (
    (re.compile(r"p\.([A-Z])(\d+)([A-Z*])"), _of_residue),
    (re.compile(rf"([cgmnr])\.({_BASE_PLACE})([ACGT])>([ACGT])"), _of_base),
    (re.compile(r"p\.([A-Z])(\d+)([A-Z])?fs(?:[*X](\d+))?"), _frameshift),
    (
        re.compile(
            rf"([cgmnrp])\.([A-Z])?({_BASE_PLACE}(?:_{_BASE_PLACE})?)(delins|del|ins|dup)([A-Z]*)"
        ),
        _edit,
    ),
)
