"""Variants by their form: what is written as HGVS, an rs number or an exchanged residue is a
variant, whoever names it.

The forms are those of HGVS (den Dunnen et al. 2016) and of their everyday short cuts, after tmVar
(Wei et al. 2013).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType

from biopipe.document import Mention
from biopipe.document.labels import CELL_LINE, GENE, VARIANT
from biopipe.kinds.variant.catalogue import is_catalogue_number
from biopipe.kinds.variant.gene_beside import NOT_A_SYMBOL, genes_beside
from biopipe.kinds.variant.worded_forms import worded_forms
from biopipe.kinds.variant.written_forms import (
    CERTAIN_FORM,
    LIKELY_FORM,
    SIZED_DELETION,
    VARIANT_END,
    VARIANT_START,
)
from biopipe.text.span_index import SpanIndex, in_text_order
from biopipe.text.typography import as_typed

__all__ = ["label_symbols_before_variants", "label_variant_forms"]

_FORM = re.compile(
    rf"{VARIANT_START}(?:(?P<certain>{CERTAIN_FORM})|(?<!-){LIKELY_FORM}){VARIANT_END}"
)
# Behind a gene there is no other word before: "TNF-308G/A", "SNCA-A53T".
_BEHIND_GENE = re.compile(
    rf"(?:(?:(?=-\d)|-)(?P<form>{CERTAIN_FORM}|{LIKELY_FORM})"
    rf"|[- ]?(?P<deletion>{SIZED_DELETION})){VARIANT_END}"
)
# What stands between members of a list of variants, and behind its last.
_SEPARATOR = re.compile(r"[)\]]*(?: ?[,;/+&]| ?[(\[])?(?:,? ?(?:and|or|and/or))? ?(?:the )?[(\[]?")
_CLOSED = re.compile(r"[)\]]*")
# What reads like a catalogue number, like the panels of a figure ("Fig. 12A/C").
_CODE = re.compile(r"[A-Z]\d{2,4}[A-Z]")
_PANELS = re.compile(r"(?:[Ff]ig(?:ure)?s?|[Tt]ables?|[Pp]anels?)\.? \Z")
_SLASH = re.compile(r"\d+ ?[ACGT]/ ?[ACGT]")
_DIGIT = re.compile(r"\d")
# "BRAF V600E": a symbol directly before a variant is a gene 77 times of 78 in the train texts of
# BioRED and tmVar3 and in OSIRIS and AMIA's corpus, these apart.
_SYMBOL_BEFORE = re.compile(rf"(?<![\w.-])(?!{NOT_A_SYMBOL} )(?P<gene>[A-Z][A-Z\d]{{2,9}}) \Z")
_CERTAIN = re.compile(rf"{CERTAIN_FORM}|{LIKELY_FORM}")
_REACH = 16
_CELLS = re.compile(r"[ -]cells?\b")
# In BioRED's and tmVar3's train texts 706 of 714 certain forms are a variant, the other 8 a part of
# one; of the likely ones that are no cell line 41 of 42 are one.
_FORM_SCORE, _GENE_SCORE = 0.95, 0.9


def label_variant_forms(
    text: str,
    mentions: Sequence[Mention],
    *,
    source: str,
    thresholds: Mapping[str, float] = MappingProxyType({}),
) -> list[Mention]:
    """The mentions, in order, with a Variant at least 0.95 sure for each span whose form says so.

    Mentions of that span or within it give way to it, and longer ones less sure than the threshold
    of their label. Spans within another longer mention stay what the tagger made of them, but lists
    are parted. Likely forms stay what it took for a cell line, as all do before "cells", and count
    where it found nothing only if a gene stands beside them. Catalogue numbers are none. Variants
    that it had not found are from `source`.
    """
    if not _DIGIT.search(text):
        return list(mentions)
    forms = list(_written_forms(as_typed(text), mentions))
    if not forms:
        return in_text_order(mentions)
    mentions = _listed_apart(text, mentions, forms)
    kept, spans = set(mentions), SpanIndex(mentions)
    unsure: list[Mention] = []
    for start, end, certain in forms:
        touched = [m for m in spans.touching(start, end) if m in kept]
        longer = [m for m in touched if m.start < start or end < m.end]
        if any(not certain or m.score >= thresholds.get(m.label, 0.0) for m in longer):
            continue
        if _CELLS.match(text, end) and any(m.label == CELL_LINE for m in touched):
            continue
        same_span = [m.score for m in touched if (m.start, m.end, m.label) == (start, end, VARIANT)]
        score = max([_FORM_SCORE, *same_span])
        variant = Mention(start, end, VARIANT, score=score, sources=(source,))
        if not certain and not touched:
            unsure.append(variant)
        elif certain or all(m.label != CELL_LINE for m in touched):
            kept.difference_update(touched)
            kept.add(variant)
    ordered = in_text_order(kept)
    return in_text_order([*ordered, *_beside_genes(text, ordered, unsure)])


def _written_forms(text: str, mentions: Sequence[Mention]) -> Iterator[tuple[int, int, bool]]:
    """Start and end of each form, and whether it is certain; those behind a gene's mention last."""
    worded = list(worded_forms(text))
    yield from ((start, end, True) for start, end in worded)
    within = {place for span in worded for place in range(*span)}
    for match in _FORM.finditer(text):
        if match.start() not in within and not _is_other_code(text, *match.span()):
            yield *match.span(), match["certain"] is not None
    for gene in mentions:
        if gene.label == GENE and (behind := _BEHIND_GENE.match(text, gene.end)):
            yield *behind.span("form" if behind["form"] else "deletion"), True


def _listed_apart(
    text: str, mentions: Sequence[Mention], forms: Sequence[tuple[int, int, bool]]
) -> list[Mention]:
    """The mentions, those Variants that are lists of certain forms cut into the forms."""
    certain = sorted({(start, end) for start, end, is_certain in forms if is_certain})
    starts = [start for start, _ in certain]
    apart: list[Mention] = []
    for mention in mentions:
        first, last = bisect_left(starts, mention.start), bisect_left(starts, mention.end)
        members = certain[first:last]
        if mention.label == VARIANT and len(members) > 1 and _is_list(text, mention, members):
            score = max(_FORM_SCORE, mention.score)
            apart += [replace(mention, start=s, end=e, score=score) for s, e in members]
        else:
            apart.append(mention)
    return apart


def _is_list(text: str, mention: Mention, members: Sequence[tuple[int, int]]) -> bool:
    return (
        members[0][0] == mention.start
        and _CLOSED.fullmatch(text, members[-1][1], max(members[-1][1], mention.end)) is not None
        and all(
            end < start and _SEPARATOR.fullmatch(text, end, start)
            for (_, end), (start, _) in pairwise(members)
        )
    )


def _is_other_code(text: str, start: int, end: int) -> bool:
    """Whether a form is a catalogue number or a figure's panels."""
    if _CODE.fullmatch(text, start, end):
        return is_catalogue_number(text, start, end)
    before = text[max(0, start - _REACH) : start]
    return _SLASH.fullmatch(text, start, end) is not None and _PANELS.search(before) is not None


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
    of a certain form ("BRAF V600E", "VKORC1 -1639G>A") and in no other mention; what is taken for a
    gene already is as sure as that, others are from that Variant's sources.
    """
    if not any(mention.label == VARIANT for mention in mentions):
        return in_text_order(mentions)
    spans = SpanIndex(mentions)
    genes: dict[Mention, Mention | None] = {}
    typed = as_typed(text)
    for variant in mentions:
        if variant.label != VARIANT or not _CERTAIN.fullmatch(typed, variant.start, variant.end):
            continue
        reach = max(0, variant.start - _REACH)
        symbol = _SYMBOL_BEFORE.search(text[reach : variant.start])
        if symbol and not _FORM.fullmatch(symbol["gene"]):
            start, end = reach + symbol.start("gene"), reach + symbol.end("gene")
            touching = spans.touching(start, end)
            gene = replace(variant, start=start, end=end, label=GENE, score=_GENE_SCORE)
            if not touching:
                genes[gene] = None
            elif [(m.start, m.end, m.label) for m in touching] == [(start, end, GENE)]:
                score = max(_GENE_SCORE, touching[0].score)
                genes[replace(touching[0], score=score)] = touching[0]
    instead = {old for old in genes.values() if old is not None}
    kept = [m for m in mentions if m not in instead]
    return in_text_order([*kept, *genes])
