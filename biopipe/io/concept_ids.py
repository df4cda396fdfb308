"""Concept ids as annotation files write them (bare, joined) and as CURIEs."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

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

__all__ = [
    "bare_id",
    "concept_ids",
    "concept_pairs",
    "curie",
    "curies_by_bare_id",
    "join_ids",
    "resolved_ids",
    "split_ids",
    "variant_aliases",
]

_NIL = frozenset({"", "-", "-1"})
# Which label wins when one bare number names two things in a document, such as a gene and a
# species.
_LABEL_ORDER = (GENE, DISEASE, CHEMICAL, VARIANT)

_PREFIX_OF_DIGITS = {GENE: "NCBIGene", SPECIES: "NCBITaxon", DISEASE: "OMIM"}
_DIGITS = re.compile(r"\d+\Z")
# MeSH numbers have six or nine digits (D012128, C000596361), those of the UMLS seven (C0006142).
_MESH = re.compile(r"[CD](?:\d{6}|\d{9})\Z")
_UMLS = re.compile(r"C\d{7}\Z")
# "CVCL_0131", PubTator 3's "CVCL:0131", and "CVCL_0131(NCBI_TaxID:9606)" of the versions before.
_CELL_LINE = re.compile(r"CVCL[_:](\w{4})(?:\(NCBI_TaxID:\d+\))?\Z")
_RS = re.compile(rf"{RS_ID}\Z")
_OMIM_UNDERSCORE = re.compile(r"OMIM_(\d+)\Z")
_GENE_OF_SPECIES = re.compile(r"(\d+)\(Tax:\d+\)\Z", re.IGNORECASE)
_PREFIX = re.compile(r"\A[A-Za-z][\w.]*:")
_SPLIT = re.compile(r"[,;|]|\+(?=[CD]\d)")
# tmVar writes c|SUB|G|12|A, and PubTator 3 more fields behind or before it (tmVar:c|SUB|G|12|A;
# HGVS:c.12G>A;CorrespondingGene:9;RS#:7), so for variants only the start of another variant id ends
# an id.
_FIELD = r"(?:tmVar|HGVS|RS#|CorrespondingGene|CorrespondingSpecies|VariantGroup|CA#):"
_VARIANT = re.compile(rf"[a-z]?\|[A-Z]|(?:dbSNP:)?{RS_ID}(?![^,;|])|{_FIELD}")
_SPLIT_VARIANTS = re.compile(rf"[,;](?=(?:tmVar:)?[a-z]?\|[A-Z]|(?:dbSNP:)?{RS_ID})")
# Composite mentions of corpora name a dozen concepts at most.
_MOST_PAIRS = 400
_FORM = re.compile(rf"(?:[a-z]?\||{RS_ID}|dbSNP:)")
_NAMES_VARIANT = re.compile(rf"(?:\A|[;,])(?:tmVar:|HGVS:|RS#:|{RS_ID}|dbSNP:|[a-z]?\|)")
_RS_FIELD = re.compile(r"RS#:(?:rs)?(\d+)")


def concept_ids(field: str, label: str) -> tuple[str, ...]:
    """The CURIEs of an id column, in order and once each; empty for NIL ("-", "-1", nothing).

    Of what tmVar and PubTator 3 append to a variant id (;Gene:..;VariantGroup:..) an RS# becomes
    the id, else a CorrespondingGene stays (`biopipe.language.variant_ids`); the rest is left out.
    """
    return tuple(dict.fromkeys(curie(part, label) for part in split_ids(field)))


def split_ids(field: str) -> list[str]:
    """The ids of an id column as they stand there."""
    if _VARIANT.match(field):
        parts = [_tmvar_id(part) for part in _variants(field)]
    else:
        parts = [part.strip() for part in _SPLIT.split(field)]
    return [part for part in parts if part not in _NIL]


def _variants(field: str) -> Iterator[str]:
    """The variants of an id column; fields that name none belong to the one that follows."""
    before = ""
    for part in _SPLIT_VARIANTS.split(field):
        fields = f"{before}{part.strip()}"
        if _NAMES_VARIANT.search(fields):
            yield fields
            before = ""
        else:
            before = f"{fields};"
    if before:
        yield before.rstrip(";")


def join_ids(ids: Iterable[str], label: str) -> str:
    """The id column that `concept_ids` reads as `ids`: bare ids joined by commas, "-" for none."""
    return ",".join(bare_id(identifier, label) for identifier in ids) or "-"


def curie(identifier: str, label: str) -> str:
    """`identifier` with its prefix where its form or the mention label makes that certain, else as
    it is.
    """
    if _MESH.match(identifier):
        return f"MESH:{identifier}"
    if _UMLS.match(identifier):
        return f"UMLS:{identifier}"
    if cell_line := _CELL_LINE.match(identifier):
        return f"Cellosaurus:CVCL_{cell_line[1]}"
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
    # Only where reading gives the same id back, so that no round trip changes one.
    return rest if curie(rest, label) == concept_id else concept_id


def curies_by_bare_id(labelled: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    """Bare id to CURIE as a document's own mentions, given as (label, concept ids), have it."""
    curies: dict[str, str] = {}
    order = {label: rank for rank, label in enumerate(_LABEL_ORDER)}
    # By label, as ends of relations say none and the likelier kind is to win.
    for _, ids in sorted(labelled, key=lambda item: order.get(_own_label(item[0]), len(order))):
        for concept_id in ids:
            curies.setdefault(concept_id, concept_id)
            curies.setdefault(_PREFIX.sub("", concept_id, count=1), concept_id)
    return curies


def resolved_ids(column: str, curies: Mapping[str, str]) -> list[str]:
    """The CURIEs of an end of a relation, which says no label: as the document's own mentions have
    them (`curies` of `curies_by_bare_id`) where they do.
    """
    # First unsplit: ids of variants hold commas and bars themselves.
    whole = curies.get(column.strip())
    return [whole] if whole else [curies.get(part) or curie(part, "") for part in split_ids(column)]


def concept_pairs(heads: Sequence[str], tails: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each head with each tail of a relation between composite concepts; ValueError where one of
    the two is missing or they are so many that the record cannot mean it.
    """
    if not heads or not tails:
        raise ValueError("the relation lacks one of its two concepts")
    if len(heads) * len(tails) > _MOST_PAIRS:
        raise ValueError(
            f"the relation names {len(heads)} and {len(tails)} concepts; {_MOST_PAIRS} pairs of "
            "them are the most that are read"
        )
    return product(heads, tails)


def variant_aliases(column: str) -> dict[str, str]:
    """What ends of relations may have for the variant of an id column, to its CURIE: PubTator 3
    writes the HGVS name alone there, "HGVS:c.35del;CorrespondingGene:2706".
    """
    fields = [field.strip() for field in column.split(";")]
    names = [field for field in fields if field.startswith("HGVS:")]
    ids = concept_ids(column, VARIANT) if names else ()
    if len(ids) != 1:
        return {}
    genes = [field for field in fields if field.startswith("CorrespondingGene:")]
    aliases = {_tmvar_id(";".join([name, *genes])): ids[0] for name in names}
    return aliases | {_tmvar_id(name): ids[0] for name in names}


def _tmvar_id(part: str) -> str:
    """One id of what tmVar and PubTator 3 say of a variant, in fields of any order."""
    fields = [field.strip() for field in part.split(";")]
    form = hgvs = gene = ""
    for field in fields:
        if rs := _RS_FIELD.fullmatch(field):
            return f"rs{rs[1]}"
        written = field.removeprefix("tmVar:")
        if _FORM.match(written) or written != field:
            form = form or written
        elif field.startswith("HGVS:"):
            hgvs = hgvs or field
        elif field.startswith("CorrespondingGene:"):
            gene = gene or field
    form = form or form_of_hgvs(hgvs.removeprefix("HGVS:")) or hgvs or fields[0]
    # A number of dbSNP names its variant alone; a change such as V600E does only with its gene.
    plain = form.startswith(("rs", "dbSNP:", "HGVS:")) or not gene or gene == form
    return form if plain else f"{form};{gene}"
