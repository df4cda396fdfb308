"""Star alleles and HLA alleles are a gene and its allele: "CYP2C19*2", "HLA-B*57:01".

Alleles of drug-metabolising genes are numbered behind a star (Kalman et al. 2016, Clin Pharmacol
Ther 99:172), those of HLA genes by fields of digits (Marsh et al. 2010, Tissue Antigens 75:291),
which older texts write without colons. An allele's concept is the name that PharmGKB, PharmVar and
IPD-IMGT/HLA have for it: the symbol of the gene, the star and the allele.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from biopipe.document import Mention
from biopipe.document.labels import GENE, VARIANT
from biopipe.text.span_index import SpanIndex, in_text_order

__all__ = ["allele_name", "is_bare_allele", "is_hla_locus", "split_alleles", "written_allele"]

# HLA-C was called Cw, lest it be taken for a component of complement.
_HLA_LOCUS = r"(?:[ABEFG]|C[Ww]?|D[MOPQR][AB][1-9]?)"
_ALLELE = r"\*\d{1,4}(?:[A-Z]{1,2}\d?)?(?:[x×](?:\d|N))?(?:(?::\d{2,3}){1,3}[ACLNQS]?)?"
_SYMBOL = r"[A-Z][A-Z\d]{1,9}(?:-[A-Z\d]{1,4})?"
_NAMED = re.compile(
    rf"(?<![\w*-])(?P<gene>{_SYMBOL}|(?:HLA-)?{_HLA_LOCUS})(?P<gap> ?)(?P<allele>{_ALLELE})(?![\w*:]|-\d)"
)
_LOCUS = re.compile(rf"HLA-{_HLA_LOCUS}|D[PQR][AB][1-9]")
_BARE = re.compile(_ALLELE)
_NEXT = re.compile(rf"(?: ?[/,+] ?|,? (?:and |or )?)(?P<allele>{_ALLELE})(?![\w*:]|-\d)")
# Families whose symbols are a number, a letter and a number, the genes of PharmVar and of the
# nomenclatures of TPMT, NAT and UGT, and HLA: with a star no other thing.
_CERTAIN = re.compile(
    r"CYP\d{1,2}[A-Z]\d{1,2}|UGT\d[AB]\d{1,2}|TPMT|NUDT15|DPYD|SLCO1B1|NAT[12]|ABCG2"
    rf"|HLA-{_HLA_LOCUS}"
)
_HLA_ALLELE = re.compile(rf"(?:HLA-)?({_HLA_LOCUS})(\*(?:\d{{2,3}}:.*|\d{{4}}[A-Z]?))")
_OLD_HLA = re.compile(r"(\*\d\d)(\d\d)(?=[A-Z]?\Z)")
_OWN = frozenset({GENE, VARIANT})
# No gold corpus of ours marks alleles apart from their genes: as sure as the other certain forms.
_SCORE = 0.9


def allele_name(gene: str, allele: str) -> str:
    """The name of an allele ("*2") of the gene that has this symbol: "CYP2C19*2", "HLA-B*57:01"."""
    name = f"{gene.upper()}{allele}"
    hla = _HLA_ALLELE.fullmatch(name)
    if hla is None:
        return name
    fields = _OLD_HLA.sub(r"\1:\2", hla[2])
    return f"HLA-{hla[1].removesuffix('W')}{fields}"


def written_allele(surface: str) -> str | None:
    """The name of the allele that is written with its gene; None for other text."""
    match = _NAMED.fullmatch(surface)
    return None if match is None else allele_name(match["gene"], match["allele"])


def is_hla_locus(surface: str) -> bool:
    """Whether a text is a locus of HLA, with or without "HLA-" before it."""
    return _LOCUS.fullmatch(surface) is not None


def is_bare_allele(surface: str) -> bool:
    """Whether a text is an allele without its gene, "*2"."""
    return _BARE.fullmatch(surface) is not None


def split_alleles(text: str, mentions: Sequence[Mention], *, source: str) -> list[Mention]:
    """The mentions, in order, with a Gene and a Variant for each gene with an allele and a Variant
    for each further allele ("CYP2D6*4/*10").

    A symbol that is not certain to be one must begin what the tagger took for a gene. An allele of
    HLA without "HLA-" before it is a Variant as a whole ("B*57:01") where nothing took its locus
    for a gene. Mentions that the tagger had not found are from `source`.
    """
    if "*" not in text:
        return list(mentions)
    kept = dict.fromkeys(mentions)
    spans = SpanIndex(mentions)
    for match in _NAMED.finditer(text):
        parts = _parts(text, match, spans.touching(*match.span()), source)
        if parts:
            start, end = parts[0].start, parts[-1].end
            touched = [m for m in spans.touching(start, end) if m in kept]
            if all(m.start >= start and (m.label in _OWN or m.end <= end) for m in touched):
                for mention in touched:
                    del kept[mention]
                kept |= dict.fromkeys(parts)
    return in_text_order(kept)


def _parts(
    text: str, match: re.Match[str], mentions: Sequence[Mention], source: str
) -> list[Mention]:
    """The gene, its allele and further alleles; none where the symbol may be something else."""
    start, gene_end = match.span("gene")
    genes = [m for m in mentions if m.label == GENE and m.start == start and m.end >= gene_end]
    score = max([_SCORE, *(m.score for m in genes)])
    if genes or _CERTAIN.fullmatch(match["gene"]):
        gene = Mention(start, gene_end, GENE, score=score, sources=(source,))
        if genes:
            gene = replace(genes[0], end=gene_end, score=score)
        spans = [match.span("allele")]
    elif _HLA_ALLELE.fullmatch(match[0]):
        return [Mention(start, match.end(), VARIANT, score=_SCORE, sources=(source,))]
    else:
        return []
    spans += _further_alleles(text, match.end())
    alleles = [Mention(s, e, VARIANT, score=_SCORE, sources=gene.sources) for s, e in spans]
    return [gene, *alleles]


def _further_alleles(text: str, end: int) -> Iterator[tuple[int, int]]:
    while match := _NEXT.match(text, end):
        yield match.span("allele")
        end = match.end()
