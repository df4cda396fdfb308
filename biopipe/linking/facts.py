"""What a document says beside a mention: its species, its abbreviated genera, and variants named twice."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from biopipe.types import Document

__all__ = ["Facts"]

_SPECIES = {
    "NCBITaxon:9606": "humans? patients? men women children infants? volunteers? subjects? participants?",
    "NCBITaxon:10090": "mouse mice murine",
    "NCBITaxon:10116": "rats?",
    "NCBITaxon:7955": "zebrafish",
    "NCBITaxon:7227": "drosophila",
    "NCBITaxon:6239": "elegans",
    "NCBITaxon:4932": "yeasts? cerevisiae",
    "NCBITaxon:9913": "bovine cattle cows?",
    "NCBITaxon:9823": "porcine pigs? swine",
    "NCBITaxon:9031": "chicken chick chickens",
    "NCBITaxon:8355": "xenopus",
    "NCBITaxon:9986": "rabbits?",
    "NCBITaxon:9615": "dogs? canine",
    "NCBITaxon:3702": "arabidopsis",
}
_GROUPS = tuple(_SPECIES)
_SPECIES_WORD = re.compile(
    r"\b(?:" + "|".join(f"({'|'.join(words.split())})" for words in _SPECIES.values()) + r")\b",
    re.IGNORECASE,
)
_SHORT_BINOMIAL = re.compile(r"\b([A-Z][a-z]{0,2})\. ?([a-z]{3,})\b")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the strategies ask of a document; equal facts give equal answers, so they may key a cache.

    `species`: taxon CURIEs, the most mentioned first. `binomials`: ("E. coli", "Escherichia coli") pairs that the
    text bears out. `rs_numbers`: (normal form of a variant, "rs123") pairs that stand together in the text.
    """

    species: tuple[str, ...] = ()
    binomials: tuple[tuple[str, str], ...] = ()
    rs_numbers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, document: Document) -> "Facts":
        """The facts of one document, from its text and its mentions; linear in both."""
        return cls(species=_species(document.text), binomials=tuple(_binomials(document.text)))


def _species(text: str) -> tuple[str, ...]:
    counts = Counter(
        _GROUPS[match.lastindex - 1] for match in _SPECIES_WORD.finditer(text) if match.lastindex
    )
    return tuple(species for species, _ in counts.most_common())


def _binomials(text: str) -> Iterator[tuple[str, str]]:
    for genus, epithet in sorted(set(_SHORT_BINOMIAL.findall(text))):
        if full := re.search(rf"\b{genus}[a-z]+ {epithet}\b", text):
            yield f"{genus}. {epithet}", full[0]
