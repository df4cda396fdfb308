"""Concept ids as annotation files write them (bare, joined) and as CURIEs."""

import re
from collections.abc import Iterable

from biopipe.document.labels import (
    CHEMICAL,
    CORPUS_LABELS,
    DISEASE,
    GENE,
    SPECIES,
    VARIANT,
)
from biopipe.language.reference_snps import RS_ID
from biopipe.language.variant_ids import form_of_hgvs

__all__ = ["bare_id", "concept_ids", "curie", "curies_by_bare_id", "join_ids", "split_ids"]

_NIL = frozenset({"", "-", "-1"})
# Which label wins when one bare number names two things in a document, such as a gene and a
# species.
_LABEL_ORDER = (GENE, DISEASE, CHEMICAL, VARIANT)

_PREFIX_OF_DIGITS = {GENE: "NCBIGene", SPECIES: "NCBITaxon", DISEASE: "OMIM"}
_DIGITS = re.compile(r"\d+\Z")
_MESH = re.compile(r"[CD]\d{6,}\Z")
_RS = re.compile(rf"{RS_ID}\Z")
_OMIM_UNDERSCORE = re.compile(r"OMIM_(\d+)\Z")
_GENE_OF_SPECIES = re.compile(r"(\d+)\(Tax:\d+\)\Z", re.IGNORECASE)
_PREFIX = re.compile(r"\A[A-Za-z][\w.]*:")
_SPLIT = re.compile(r"[,;|]|\+(?=[CD]\d)")
# tmVar writes c|SUB|G|12|A, and PubTator 3 more fields behind it (tmVar:c|SUB|G|12|A;HGVS:c.12G>A;
# CorrespondingGene:9;RS#:7), so for variants only the start of another variant id ends an id.
_VARIANT = re.compile(rf"(?:tmVar:)?[a-z]?\||(?:dbSNP:)?{RS_ID}|(?:HGVS|RS#):")
_SPLIT_VARIANTS = re.compile(rf"[,;](?=(?:tmVar:)?[a-z]?\|[A-Z]|(?:dbSNP:)?{RS_ID})")
_TMVAR_RS = re.compile(r"(?:\A|;)RS#:(\d+)")
_TMVAR_GENE = re.compile(r";CorrespondingGene:[^;]+")


def concept_ids(field: str, label: str) -> tuple[str, ...]:
    """The CURIEs of an id column, in order and once each; empty for NIL ("-", "-1", nothing).

    Of what tmVar and PubTator 3 append to a variant id (;Gene:..;VariantGroup:..) an RS# becomes
    the id, else a CorrespondingGene stays (`biopipe.language.variant_ids`); the rest is left out.
    """
    return tuple(dict.fromkeys(curie(part, label) for part in split_ids(field)))


def split_ids(field: str) -> list[str]:
    """The ids of an id column as they stand there."""
    if _VARIANT.match(field):
        parts = [_tmvar_id(part.strip()) for part in _SPLIT_VARIANTS.split(field)]
    else:
        parts = [part.strip() for part in _SPLIT.split(field)]
    return [part for part in parts if part not in _NIL]


def join_ids(ids: Iterable[str], label: str) -> str:
    """The id column that `concept_ids` reads as `ids`: bare ids joined by commas, "-" for none."""
    return ",".join(bare_id(identifier, label) for identifier in ids) or "-"


def curie(identifier: str, label: str) -> str:
    """`identifier` with its prefix where its form or the mention label makes that certain, else as
    it is.
    """
    if _MESH.match(identifier):
        return f"MESH:{identifier}"
    if identifier.startswith("CVCL_"):
        return f"Cellosaurus:{identifier}"
    if _RS.match(identifier):
        return f"dbSNP:{identifier}"
    if omim := _OMIM_UNDERSCORE.match(identifier):
        return f"OMIM:{omim[1]}"
    if _own_label(label) == GENE and (gene := _GENE_OF_SPECIES.match(identifier)):
        return f"NCBIGene:{gene[1]}"
    return _with_prefix(identifier, label) if _DIGITS.match(identifier) else identifier


def _with_prefix(digits: str, label: str) -> str:
    prefix = _PREFIX_OF_DIGITS.get(_own_label(label))
    return f"{prefix}:{digits}" if prefix else digits


def _own_label(label: str) -> str:
    """Our label for what the label of a corpus means."""
    return CORPUS_LABELS.get(label, label)


def bare_id(concept_id: str, label: str) -> str:
    """`concept_id` without the prefix that `curie` would give back, else as it is."""
    rest = _PREFIX.sub("", concept_id, count=1)
    return rest if curie(rest, label) == concept_id else concept_id


def curies_by_bare_id(labelled: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    """Bare id to CURIE as a document's own mentions, given as (label, concept ids), have it."""
    curies: dict[str, str] = {}
    order = {label: rank for rank, label in enumerate(_LABEL_ORDER)}
    for _, ids in sorted(labelled, key=lambda item: order.get(_own_label(item[0]), len(order))):
        for concept_id in ids:
            curies.setdefault(concept_id, concept_id)
            curies.setdefault(_PREFIX.sub("", concept_id, count=1), concept_id)
    return curies


def _tmvar_id(part: str) -> str:
    if rs := _TMVAR_RS.search(part):
        return f"rs{rs[1]}"
    form = part.partition(";")[0].removeprefix("tmVar:")
    form = form_of_hgvs(form.removeprefix("HGVS:")) or form
    gene = _TMVAR_GENE.search(part)
    return form + gene[0] if gene and not form.startswith(("rs", "dbSNP:", "HGVS:")) else form
