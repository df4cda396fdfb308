"""Which gene a text puts directly beside a variant: "BRAF V600E", "the V600E mutation of BRAF"."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from biopipe.document import Mention
from biopipe.document.labels import GENE, VARIANT
from biopipe.language.reference_snps import written_rs_number

__all__ = ["NOT_A_SYMBOL", "VARIANT_NOUN", "genes_beside", "is_beside_symbol"]

VARIANT_NOUN = (
    r"(?:mutations?|mutants?|variants?|variations?|polymorphisms?|SNPs?|alleles?|substitutions?"
    r"|changes?|deletions?|insertions?|duplications?|genotypes?|haplotypes?|carriers?)"
)
# What is in capitals before a variant and is no gene's symbol.
NOT_A_SYMBOL = (
    rf"(?:{VARIANT_NOUN}|SNVs?|UTR|[A-Za-z]{{0,3}}DNA|[A-Za-z]{{0,2}}RNA|PCR|RFLP|IVS\d*|CD\d+"
    r"|EX\d+)"
)
_PRODUCT = r"(?:genes?|proteins?|kinases?|receptors?|enzymes?|promoters?|mRNAs?|locus)"
_EFFECT = (
    r"(?:missense|nonsense|frameshift|splice(?:[- ]site)?|silent|germline|somatic|hotspot|novel"
    r"|common|functional|promoter|coding|point)"
)
# "BRAF-V600E", "BRAF (V600E", "MTHFR gene polymorphism C677T", "CFTR: c.350G>A".
_GENE_FIRST = re.compile(
    rf"(?:[ -]{_PRODUCT})?(?:[ -]{_EFFECT})?(?:[ -]{VARIANT_NOUN},?)?(?:[ -]| ?[(\[:] ?)?"
)
# "V600E BRAF", "V600E mutation in exon 15 of the human BRAF", "V600E-mutant BRAF".
_WHERE = r"(?: (?:in|of|at|within) (?:the )?(?:exon|intron|codon|promoter|domain)s?(?: \w{1,4})?)?"
_VARIANT_FIRST = re.compile(
    r"[ -](?:mutant |mutated |positive )?"
    rf"|(?:[ -](?:{_EFFECT}[ -])?{VARIANT_NOUN})?\)?{_WHERE}"
    r" (?:in|of|on|within|from) (?:the |its |both )?(?:\w+ )?"
)
# What is written as symbols of genes are.
_SYMBOL = r"(?=\w*[A-Z]\w*[A-Z])[A-Z][A-Z\d]{2,9}"
_SYMBOL_FIRST = re.compile(rf"\b(?P<symbol>{_SYMBOL}){_GENE_FIRST.pattern}\Z")
_SYMBOL_LAST = re.compile(rf"(?:{_VARIANT_FIRST.pattern})(?P<symbol>{_SYMBOL})\b")
_REACH = 60
# "Q61R and Q61L", "G12C/G12D", "c.920T>G (p.Leu307Arg)", "C677T (rs1801133) and A1298C".
_LIST = re.compile(r"[)\]]*(?: ?[,;/+&]| ?\(| \[)?(?:,? ?(?:and|or|and/or))? ?(?:the )?\(?")


def genes_beside(text: str, mentions: Sequence[Mention]) -> dict[int, int]:
    """The place in `mentions` of the gene that stands beside each variant, by the variant's place.

    The gene directly before goes before the one behind; the others of a list of variants ("NRAS
    Q61R and Q61L") share what one of them has. A variant beside no gene is left out.
    """
    order = sorted(
        (i for i, m in enumerate(mentions) if m.label in (GENE, VARIANT)),
        key=lambda i: (mentions[i].start, mentions[i].end),
    )
    before = _neighbours(text, mentions, order, _GENE_FIRST)
    after = _neighbours(text, mentions, order[::-1], _VARIANT_FIRST)
    return _through_lists(text, mentions, order, after | before)


def _neighbours(
    text: str, mentions: Sequence[Mention], order: Sequence[int], gap: re.Pattern[str]
) -> dict[int, int]:
    """Variants that follow a gene in `order`, where the text between the two is a `gap`."""
    beside = {}
    for gene, variant in pairwise(order):
        if (mentions[gene].label, mentions[variant].label) == (GENE, VARIANT):
            first, last = sorted((mentions[gene], mentions[variant]), key=lambda m: m.start)
            if gap.fullmatch(text, first.end, max(first.end, last.start)):
                beside[variant] = gene
    return beside


def _through_lists(
    text: str, mentions: Sequence[Mention], order: Sequence[int], direct: Mapping[int, int]
) -> dict[int, int]:
    """`direct`, and for variants without a gene that of the variant before them in a list, else of
    the one behind.
    """
    listed = [
        (one, other)
        for one, other in pairwise(order)
        if mentions[one].label == mentions[other].label == VARIANT
        and _LIST.fullmatch(text, mentions[one].end, max(mentions[one].end, mentions[other].start))
    ]
    # "c.253-2A>G and rs1050828 of G6PD": a number lends its gene to other numbers alone.
    of_lists = {i for pair in listed for i in pair}
    numbers = {i for i in of_lists if written_rs_number(_surface(text, mentions[i]))}
    backward = [
        (other, one) for one, other in reversed(listed) if (one in numbers) == (other in numbers)
    ]
    symbols = {i for i in of_lists if is_beside_symbol(text, mentions[i], mentions)}
    beside = dict(direct)
    for one, other in (*listed, *backward):
        if one in beside and other not in symbols:
            beside.setdefault(other, beside[one])
    return beside


def _surface(text: str, mention: Mention) -> str:
    return text[mention.start : mention.end]


def is_beside_symbol(text: str, variant: Mention, mentions: Sequence[Mention]) -> bool:
    """Whether the text has a symbol where the gene of a variant stands that is no mention."""
    start, end = max(0, variant.start - _REACH), variant.end
    first, last = _SYMBOL_FIRST.search(text[start : variant.start]), _SYMBOL_LAST.match(text, end)
    spans = [(start + first.start("symbol"), start + first.end("symbol"))] if first else []
    spans += [last.span("symbol")] if last else []
    return any(all(m.end <= s or e <= m.start for m in mentions) for s, e in spans)
