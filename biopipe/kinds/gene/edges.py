"""A gene and its genotype: "Tsc1" of "Tsc1flox/flox", "Atg5" of "Atg5 fl/fl" and "Atg5(-/-)"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from biopipe.document import Mention
from biopipe.document.labels import GENE

__all__ = ["without_genotypes"]

# Alleles as the nomenclature of mice and the texts around it write them (MGI guidelines, section 3).
_ALLELE = r"(?:flox(?:ed)?|fl|lox[pP]?|wt|null|ko|KO|WT|\+|-|\u2212|\u2013)"
_GENOTYPE = re.compile(
    rf"(?<=\w)(?P<alleles>[ ^]?[(\[<]?{_ALLELE}/{_ALLELE}(?![\w+\u2212\u2013-])[)\]>]?)"
)
# What every pair of alleles has; a search for one sign stops at few places.
_BETWEEN_ALLELES = re.compile(r"/[flwnkKW+\u2212\u2013-]")


def without_genotypes(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, genes cut to what stands before their alleles, and no allele a gene by itself."""
    if _BETWEEN_ALLELES.search(text) is None:
        return list(mentions)
    spans = [match.span("alleles") for match in _GENOTYPE.finditer(text)]
    return [cut for mention in mentions if (cut := _cut(mention, spans)) is not None]


def _cut(mention: Mention, alleles: Sequence[tuple[int, int]]) -> Mention | None:
    if mention.label == GENE:
        for start, end in alleles:
            if start <= mention.start and mention.end <= end:
                return None
            if mention.start < start < mention.end:
                return replace(mention, end=start)
    return mention
