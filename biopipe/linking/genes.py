"""Genes: the forms a symbol takes in text, and the species of the document."""

import re

from biopipe.linking.facts import Facts
from biopipe.types import Candidate

__all__ = ["GeneStrategy"]

_BEFORE = re.compile(r"(?:human|mouse|murine|rat|the|wild[- ]type|mutant|recombinant) ", re.IGNORECASE)
_AFTER = re.compile(r"[ -](?:genes?|proteins?|mRNAs?|transcripts?|cDNA|promoter)\Z", re.IGNORECASE)


class GeneStrategy:
    """Strips words that say what kind of thing a gene name is."""

    def names(self, surface: str, facts: Facts) -> tuple[str, ...]:
        stripped = surface
        if match := _BEFORE.match(stripped):
            stripped = stripped[match.end() :]
        while (shorter := _AFTER.sub("", stripped)) != stripped:
            stripped = shorter
        return (stripped,) if stripped != surface else ()

    def concept(self, surface: str, facts: Facts) -> Candidate | None:
        return None

    def types(self, facts: Facts) -> tuple[str, ...] | None:
        """The taxa of the document, the most mentioned first; human where it names none."""
        return facts.species or ("NCBITaxon:9606",)
