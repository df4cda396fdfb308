"""A gene and its variant are two mentions, however short the sentence: "BRAF V600E" is no one
name.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from biopipe.document import Mention
from biopipe.document.labels import CELL_LINE, DISEASE, GENE, VARIANT
from biopipe.language.residues import RESIDUES
from biopipe.language.tables import read_table

__all__ = ["split_variants", "trim_variant_nouns"]

# A symbol, a space or hyphen, and a substitution of one amino acid by its place in the protein
# (HGVS, codes of one letter). A place of one digit would make a variant of "IL-2 B6C".
_PAIR = re.compile(
    r"(?P<gene>(?=\w*[A-Z])(?=\w*[A-Z0-9]\w*[A-Z0-9])\w{2,10}|p\d\d)[ -]"
    rf"(?P<variant>(?:p\.)?[{RESIDUES}]\d{{2,4}}(?:[{RESIDUES}]|\*|fs))(?P<rest>(?:[ /-].*)?)",
    re.DOTALL,
)
# What stands behind a gene or a variant and is part of neither. Of 17,000 genes in the train texts
# of NLM-Gene, GNormPlus, BioRED and tmVar3 none ends so.
_NOUNS = re.compile(
    r"(?:[ -](?:germline|somatic|missense|nonsense|frameshift|hotspot|point|null|double))?"
    r"[ -](?:mutations?|mutants?|variants?|polymorphisms?|alleles?|genotypes?)\Z"
)
# In BioRED's and tmVar3's train texts such a pair is a gene and a variant 13 times of 13.
_PAIR_SCORE = 0.9
_SPLIT = frozenset({GENE, DISEASE, CELL_LINE})


def trim_variant_nouns(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, "BRCA1 mutations" and "A30P mutant" taken for a gene cut to what has them."""
    return [
        replace(mention, end=mention.start + nouns.start())
        if mention.label == GENE
        and (nouns := _NOUNS.search(text[mention.start : mention.end]))
        and nouns.start()
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
    surface = text[mention.start : mention.end] if mention.label in _SPLIT else ""
    pair = _PAIR.fullmatch(surface) or _glued().fullmatch(surface)
    if pair is None:
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
