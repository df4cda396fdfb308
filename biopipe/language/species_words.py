"""Everyday words for the organisms most studied, with their taxa, each once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from biopipe.language.tables import read_table

__all__ = [
    "HUMAN_TAXON",
    "MOUSE_TAXON",
    "RAT_TAXON",
    "SpeciesWord",
    "SpeciesWordUse",
    "species_words",
]

HUMAN_TAXON = "NCBITaxon:9606"
MOUSE_TAXON, RAT_TAXON = "NCBITaxon:10090", "NCBITaxon:10116"

SpeciesWordUse = Literal["mention", "document", "gene", "cell-line"]


@dataclass(frozen=True, slots=True)
class SpeciesWord:
    """A word in lower case; `taxon` is a CURIE such as NCBITaxon:9606, "" for
    several.
    """

    word: str
    taxon: str
    species: str


@cache
def species_words(use: SpeciesWordUse) -> Mapping[str, SpeciesWord]:
    """The words that serve one use, by word.

    "mention": alone they are a mention of the species. "document": they say which species a text is
    about. "gene", "cell-line": they may stand before such a name without being part of it.
    """
    rows = read_table("biopipe.language", "species_words.tsv")
    return {
        word: SpeciesWord(word, f"NCBITaxon:{taxon}" if taxon else "", species)
        for word, taxon, species, uses in rows
        if use in uses.split()
    }
