"""A gene and its variant are two mentions, however short the sentence: "BRAF V600E" is no one
name.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from biopipe.document import Mention
from biopipe.document.labels import CELL_LINE, DISEASE, GENE, VARIANT
from biopipe.kinds.variant.gene_beside import NOT_A_SYMBOL
from biopipe.kinds.variant.written_forms import CERTAIN_FORM, SIZED_DELETION
from biopipe.language.residues import RESIDUES
from biopipe.language.tables import read_table
from biopipe.text.typography import as_typed

__all__ = ["split_variants", "trim_variant_nouns"]

# A symbol, a space or hyphen, and a substitution of one amino acid by its place in the protein
# (HGVS, codes of one letter). A place of one digit would make a variant of "IL-2 B6C".
_PAIR = re.compile(
    r"(?P<gene>(?=\w*[A-Z])(?=\w*[A-Z0-9]\w*[A-Z0-9])\w{2,10}|p\d\d)[ -]"
    rf"(?P<variant>(?:p\.)?[{RESIDUES}]\d{{2,4}}(?:[{RESIDUES}]|\*|fs))(?P<rest>(?:[ /-].*)?)",
    re.DOTALL,
)
# The same with any certain notation: "G6PD 1311C>T", "BRCA2: c.5946delT".
_WRITTEN_PAIR = re.compile(
    rf"(?P<gene>(?!{NOT_A_SYMBOL}\b)[A-Z][A-Z\d]{{2,9}})(?: |-|: ?| ?\()(?P<variant>{CERTAIN_FORM})\)?"
    r"(?P<rest>(?:[ /-].*)?)",
    re.DOTALL,
)
_DELETED_PAIR = re.compile(
    rf"(?P<gene>[A-Z][A-Z\d]{{2,9}})[- ]?(?P<variant>{SIZED_DELETION})(?P<rest>(?:[ /-].*)?)",
    re.DOTALL,
)
_LINKING_END = re.compile(r"(?: (?:of|in|at|and|or|the|for|with))+\Z")
# What stands behind a gene or a variant and is part of neither. Of 17,000 genes in the train texts
# of NLM-Gene, GNormPlus, BioRED and tmVar3 none ends so.
_NOUNS = re.compile(
    r"(?:[ -](?:germline|somatic|missense|nonsense|frameshift|hotspot|point|null|double))?"
    r"[ -](?:mutations?|mutants?|variants?|polymorphisms?|alleles?|genotypes?)\Z"
)
# In BioRED's and tmVar3's train texts such a pair is a gene and a variant 13 times of 13.
_PAIR_SCORE = 0.9
# Every change has a place, if an uncertain one; most names have none.
_PLACE = re.compile(r"[\d?]")
_CELL_LINE_PANEL = ("NCI-", "NCI ")  # NCI-H295R
_SPLIT = frozenset({GENE, DISEASE, CELL_LINE, VARIANT})


def trim_variant_nouns(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, "BRCA1 mutations" and "A30P mutant" taken for a gene cut to what has them, and
    "32-bp deletion of" to the variant.
    """
    ends = {GENE: _NOUNS, VARIANT: _LINKING_END}
    return [
        replace(mention, end=mention.start + rest.start())
        if mention.label in ends
        and (rest := ends[mention.label].search(text[mention.start : mention.end]))
        and rest.start()
        else mention
        for mention in mentions
    ]


def split_variants(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, those that begin with a symbol and a substitution cut in two; what follows
    stays a disease.

    The two are at least as sure as their form makes them; a disease keeps its score.
    """
    return [part for mention in mentions for part in _parts(text, mention)]


def _parts(text: str, mention: Mention) -> list[Mention]:
    surface = as_typed(text[mention.start : mention.end]) if mention.label in _SPLIT else ""
    if not _PLACE.search(surface):
        return [mention]
    pair = (
        _WRITTEN_PAIR.fullmatch(surface)
        or _glued().fullmatch(surface)
        or _DELETED_PAIR.fullmatch(surface)
    )
    if pair is None and mention.label != VARIANT:
        pair = _PAIR.fullmatch(surface)
    if pair is None or (mention.label == CELL_LINE and surface.startswith(_CELL_LINE_PANEL)):
        return [mention]
    spans = [(GENE, *pair.span("gene")), (VARIANT, *pair.span("variant"))]
    rest = pair["rest"].lstrip(" -/")
    if mention.label == DISEASE and rest:
        spans.append((DISEASE, pair.end("rest") - len(rest), pair.end("rest")))
    begin, sure = mention.start, max(mention.score, _PAIR_SCORE)
    scores = {GENE: sure, VARIANT: sure, DISEASE: mention.score}
    return [
        replace(mention, start=begin + start, end=begin + end, label=label, score=scores[label])
        for label, start, end in spans
    ]


@cache
def _glued() -> re.Pattern[str]:
    """A symbol and a substitution with nothing between, as superscripts leave it ("BRAFV600E").

    Only of genes in the table: "TNFRSF10A" and "HEK293T" are no such pairs.
    """
    genes = [gene for gene, *_ in read_table("biopipe.kinds.variant", "glued_genes.tsv")]
    names = "|".join(name for gene in genes for name in (gene, gene.capitalize()))
    change = rf"[{RESIDUES}][1-9]\d{{1,3}}(?:[{RESIDUES}]|\*)"
    return re.compile(
        rf"(?P<gene>{names})[(]?(?P<variant>{change})[)]?(?P<rest>(?:[ /+-].*)?)", re.DOTALL
    )
