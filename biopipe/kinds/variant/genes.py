"""The ids of variants with the gene they belong to, so that V600E of two genes is two concepts."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from biopipe.document import Document, Mention
from biopipe.document.labels import GENE, VARIANT
from biopipe.kinds.variant.alleles import allele_name, is_bare_allele, is_hla_locus
from biopipe.kinds.variant.gene_beside import genes_beside, is_beside_symbol
from biopipe.language.variant_ids import hgvs_name, is_variant_form, variant_with_gene
from biopipe.text.sentences import with_sentences

__all__ = ["with_genes_of_variants"]

_LINE_END = re.compile(r"\n\s*")
# What else than a variant may be wrong with a gene.
_ALTERED = re.compile(
    r"[\s-]+(?:gene[\s-]+)?(?:amplif|fusion|rearrange|translocat|overexpress|copy[\s-]number)", re.I
)


@dataclass(frozen=True, slots=True)
class _Gene:
    """A gene of the document; `id` is "" where it has none, and `name` what the text says then."""

    id: str
    name: str


def with_genes_of_variants(document: Document) -> Document:
    """The document with the gene in the ids of its variants, where the text says which.

    The ids are those of `biopipe.language.variant_ids`; an allele is named by its gene,
    "CYP2C19*2". The gene beside a variant counts first ("BRAF V600E"), then the one that it has
    elsewhere in the document, the only gene of its sentence, and the only gene of the document. A
    variant beside a gene without an id, or with several genes to choose from, has none: its id
    stays as it is. Alleles without any gene ("*2") lose their id.
    """
    waiting = [i for i, mention in enumerate(document.mentions) if _is_waiting(mention)]
    if not waiting:
        return document
    document = with_sentences(document)
    genes = _genes_of(document, waiting)
    mentions = list(document.mentions)
    for index in waiting:
        mentions[index] = _with_gene(mentions[index], genes.get(index))
    return replace(document, mentions=tuple(mentions), concepts=None)


def _is_waiting(mention: Mention) -> bool:
    if mention.label != VARIANT or mention.dictionary or len(mention.concept_ids) != 1:
        return False
    (concept_id,) = mention.concept_ids
    return is_variant_form(concept_id) or is_bare_allele(concept_id)


def _genes_of(document: Document, waiting: Sequence[int]) -> dict[int, _Gene]:
    """The gene of each variant that has one; without an id only where it stands beside the
    variant.
    """
    mentions = document.mentions
    named = {i: _gene(document.text, m) for i, m in enumerate(mentions) if m.label == GENE}
    forms = {i: mentions[i].concept_ids[0] for i in waiting}
    beside = genes_beside(document.text, mentions)
    genes = {i: named[beside[i]] for i in waiting if i in beside}
    others = [
        i
        for i in waiting
        if i not in genes and not is_beside_symbol(document.text, mentions[i], mentions)
    ]
    agreed = _agreed(genes, forms)
    genes |= {i: agreed[forms[i]] for i in others if forms[i] in agreed}
    unclear = [i for i in others if i not in genes]
    altered = {i for i in named if _ALTERED.match(document.text, mentions[i].end)}
    alone = _only_genes(document, named, unclear, frozenset(beside.values()) | altered)
    # One form has one gene, whatever sentences it stands in.
    agreed = _agreed(alone, forms)
    return genes | {i: gene for i, gene in alone.items() if forms[i] in agreed}


def _gene(text: str, mention: Mention) -> _Gene:
    ids, surface = mention.concept_ids, text[mention.start : mention.end]
    if len(ids) != 1:
        return _Gene("", surface)
    names = [c.name for c in mention.candidates if c.concept_id == ids[0]]
    # "DRB1" is an old name of another gene too; its alleles are those of HLA-DRB1.
    return _Gene(ids[0], names[0] if names and not is_hla_locus(surface) else surface)


def _agreed(genes: Mapping[int, _Gene], forms: Mapping[int, str]) -> dict[str, _Gene]:
    """The gene of each form all of whose variants in `genes` have one and the same."""
    by_form: dict[str, dict[str, _Gene]] = defaultdict(dict)
    for index, gene in genes.items():
        by_form[forms[index]].setdefault(gene.id or gene.name, gene)
    return {form: next(iter(of.values())) for form, of in by_form.items() if len(of) == 1}


def _only_genes(
    document: Document,
    named: Mapping[int, _Gene],
    variants: Sequence[int],
    with_variant: frozenset[int],
) -> dict[int, _Gene]:
    """The gene of each of `variants` whose sentence, or else the whole document, names one with an
    id. A line is a sentence of its own, and of a text of lines the document says nothing: rows of a
    table and lines of a note are about different things.

    A mention of a gene that has a variant of its own beside it (`with_variant`), or is altered in
    another way, leaves the others of its sentence without: "CYP2C19*2 and IVS14+1G>A", "C797S, MET
    amplification".
    """
    mentions = document.mentions
    lines = [match.end() for match in _LINE_END.finditer(document.text)]
    starts = sorted({*lines, *(sentence.start for sentence in document.sentences or ())})
    by_sentence: dict[int, set[str]] = defaultdict(set)
    for index in named:
        sentence = bisect_right(starts, mentions[index].start)
        by_sentence[sentence] |= {named[index].id, "" if index in with_variant else named[index].id}
    by_id = {gene.id: gene for gene in named.values()}
    of_document = "" if lines else _single(by_id)
    only = {}
    for index in variants:
        ids = by_sentence[bisect_right(starts, mentions[index].start)]
        gene_id = _single(ids) if ids else of_document
        if gene_id:
            only[index] = by_id[gene_id]
    return only


def _single(ids: Iterable[str]) -> str:
    distinct = set(ids)
    return distinct.pop() if len(distinct) == 1 else ""


def _with_gene(mention: Mention, gene: _Gene | None) -> Mention:
    (form,) = mention.concept_ids
    if is_bare_allele(form):
        if gene is None:
            return replace(mention, concept_ids=(), candidates=())
        concept_id = name = allele_name(gene.name, form)
    elif gene is None or not gene.id:
        return mention
    else:
        concept_id = variant_with_gene(form, gene.id)
        name = f"{gene.name} {hgvs_name(form) or form}"
    candidates = tuple(
        [
            replace(c, concept_id=concept_id, name=name) if c.concept_id == form else c
            for c in mention.candidates
        ]
    )
    return replace(mention, concept_ids=(concept_id,), candidates=candidates)
