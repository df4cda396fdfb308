"""Variants by their form: what is written as HGVS, an rs number or an exchanged residue is a
variant, whoever names it.

The forms are those of HGVS (den Dunnen et al. 2016) and of their everyday short cuts, after tmVar
(Wei et al. 2013).
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from biopipe.document import Mention
from biopipe.document.labels import CELL_LINE, GENE, VARIANT
from biopipe.kinds.variant.gene_beside import VARIANT_NOUN, genes_beside
from biopipe.language.reference_snps import CERTAIN_RS_NUMBER
from biopipe.language.residues import RESIDUES, RESIDUES_NOT_BASES, THREE_LETTER_CODES

__all__ = ["label_symbols_before_variants", "label_variant_forms"]

_ONE = f"[{RESIDUES}]"
_THREE = f"(?:{'|'.join(THREE_LETTER_CODES)})"
_PLACE = r"[-*]?\d+(?:[-+_]\d+)*"
# "fs", "fs*2", "fsX7", "fsTer12".
_SHIFT = r"fs\w*(?:\*\d+)?"
_CHANGED = rf"(?:{_ONE}?{_SHIFT}|{_ONE}|[X*]|del|dup)"
_CHANGED_THREE = rf"(?:{_THREE}?{_SHIFT}|{_THREE}|[X*]|del|dup)"
_IN_PROTEIN = rf"(?:{_ONE}[1-9]\d*{_CHANGED}|{_THREE}[1-9]\d*{_CHANGED_THREE})"
_CERTAIN = "|".join(
    (
        CERTAIN_RS_NUMBER,
        rf"[cgm]\.{_PLACE}(?:[ACGT]>[ACGT]|(?:del|dup|ins)[ACGT]*)",
        rf"p\.(?:{_IN_PROTEIN}|\({_IN_PROTEIN}\))",
        rf"{_THREE}-?[1-9]\d*-?{_THREE}",
        rf"{_ONE}[1-9]\d{{1,3}}{_ONE}(?:/{_ONE})+",
        rf"{_ONE}[1-9]\d{{2,3}}{_CHANGED}",
        # "IVS10-11G>A", and "185delAG" as before HGVS.
        r"IVS-?(?:\d{1,2}|[IVX]+)[-+]\d+[ACGT]>[ACGT]",
        r"[1-9]\d{1,4}(?:_\d+)?(?:del|ins|dup)[ACGT]{1,8}",
        r"[-+]?[1-9]\d{1,5}(?:[-+]\d+)?[ACGT](?:>|→|--?>)[ACGT]",
        rf"[Δ∆]{_ONE}[1-9]\d{{1,3}}",
    )
)
# T98G and T47D are cell lines: with a place of two digits the form decides only between other
# labels.
_LIKELY = rf"{_ONE}[1-9]\d(?:{_ONE}|[X*])"
# S288C is the yeast whose genome was read first.
_FORM = re.compile(rf"(?<![\w.-])(?!S288C)(?:(?P<certain>{_CERTAIN})|{_LIKELY})(?![\w*>]|-\d)")
# "BRAF V600E": a symbol directly before a change that only residues can make is a gene 25 times of
# 26 in the train texts of BioRED, tmVar3, NLM-Gene, GNormPlus and BC2GM ("SNP S1103Y" is not).
_SYMBOL_BEFORE = re.compile(rf"(?<![\w.-])(?!{VARIANT_NOUN} )(?P<gene>[A-Z][A-Z\d]{{2,9}}) \Z")
_OF_RESIDUES = re.compile(rf"(?:p\.)?(?=\w*[{RESIDUES_NOT_BASES}]){_ONE}[1-9]\d{{1,3}}{_ONE}")
_REACH = 16
_CELLS = re.compile(r"[ -]cells?\b")
# In BioRED's and tmVar3's train texts 706 of 714 certain forms are a variant, the other 8 a part of
# one; of the likely ones that are no cell line 41 of 42 are one.
_FORM_SCORE, _GENE_SCORE = 0.95, 0.9


def label_variant_forms(text: str, mentions: Sequence[Mention], *, source: str) -> list[Mention]:
    """The mentions, in order, with a Variant at least 0.95 sure for each span whose form says so.

    Mentions of that span or within it give way to it. Spans within a longer mention stay what the
    tagger made of them. Likely forms stay what it took for a cell line, and count where it found
    nothing only if a gene stands beside them. Variants that it had not found are from `source`.
    """
    kept = list(mentions)
    unsure: list[Mention] = []
    for match in _FORM.finditer(text):
        start, end = match.span()
        touched = [m for m in kept if m.start < end and start < m.end]
        if any(m.start < start or end < m.end for m in touched):
            continue
        same_span = [m.score for m in touched if (m.start, m.end, m.label) == (start, end, VARIANT)]
        score = max([_FORM_SCORE, *same_span])
        variant = Mention(start, end, VARIANT, score=score, sources=(source,))
        if match["certain"] is None and not touched:
            unsure.append(variant)
        elif match["certain"] is not None or all(m.label != CELL_LINE for m in touched):
            kept = [m for m in kept if m not in touched] + [variant]
    kept += _beside_genes(text, kept, unsure)
    return sorted(kept, key=lambda m: (m.start, m.end))


def _beside_genes(
    text: str, mentions: Sequence[Mention], unsure: Sequence[Mention]
) -> list[Mention]:
    """Those of `unsure` that a gene stands beside, unless they are cells ("HER2 T47D cells")."""
    if not unsure:
        return []
    together = [*mentions, *unsure]
    beside = genes_beside(text, together)
    places = range(len(mentions), len(together))
    return [together[i] for i in places if i in beside and not _CELLS.match(text, together[i].end)]


def label_symbols_before_variants(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, in order, with a Gene for each symbol that stands directly before the Variant
    of a substitution of residues ("BRAF V600E") and in no mention; from that Variant's sources.
    """
    taken = {place for m in mentions for place in (m.start, m.end - 1)}
    genes = []
    for variant in mentions:
        if variant.label != VARIANT or not _OF_RESIDUES.fullmatch(text, variant.start, variant.end):
            continue
        reach = max(0, variant.start - _REACH)
        symbol = _SYMBOL_BEFORE.search(text[reach : variant.start])
        if symbol and not _FORM.fullmatch(symbol["gene"]):
            start, end = reach + symbol.start("gene"), reach + symbol.end("gene")
            if taken.isdisjoint(range(start, end)):
                genes.append(replace(variant, start=start, end=end, label=GENE, score=_GENE_SCORE))
    return sorted([*mentions, *genes], key=lambda m: (m.start, m.end))
