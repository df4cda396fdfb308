"""What a document says beside a mention: its species, its abbreviated genera, and variants named twice."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from biopipe.linking.variant_joins import joined_rs_numbers
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
# A letter that is no base on one side at least; "T47D" and other cell lines do little harm.
_AMINO_CHANGE = re.compile(
    r"\b(?=[A-Z]\d+[DEFHIKLMNPQRSVWYX]|[DEFHIKLMNPQRSVWY])[A-Z](\d{1,4})[ACDEFGHIKLMNPQRSTVWYX]\b"
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the strategies ask of a document; equal facts give equal answers, so they may key a cache.

    `species`: taxon CURIEs, the most mentioned first. `binomials`: ("E. coli", "Escherichia coli") pairs that the
    text bears out. `codons`: places of changes that can only be of amino acids ("V600E"), in order.
    `rs_numbers`: (place of a variant such as "c894", "rs123") pairs that the text puts together.
    """

    species: tuple[str, ...] = ()
    binomials: tuple[tuple[str, str], ...] = ()
    codons: tuple[int, ...] = ()
    rs_numbers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, document: Document) -> "Facts":
        """The facts of one document, from its text and its mentions; linear in both."""
        text = document.text
        codons = tuple(sorted({int(match[1]) for match in _AMINO_CHANGE.finditer(text)}))
        return cls(_species(text), tuple(_binomials(text)), codons, joined_rs_numbers(document, codons))


def _species(text: str) -> tuple[str, ...]:
    counts = Counter(
        _GROUPS[match.lastindex - 1] for match in _SPECIES_WORD.finditer(text) if match.lastindex
    )
    return tuple(species for species, _ in counts.most_common())


def _binomials(text: str) -> Iterator[tuple[str, str]]:
    for genus, epithet in sorted(set(_SHORT_BINOMIAL.findall(text))):
        if full := re.search(rf"\b{genus}[a-z]+ {epithet}\b", text):
            yield f"{genus}. {epithet}", full[0]
