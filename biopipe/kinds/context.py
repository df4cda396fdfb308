"""What a document says beside a mention: its species, its abbreviated genera, and variants named
twice.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import chain, islice

from biopipe.document import Document
from biopipe.kinds.variant.rs_numbers import joined_rs_numbers

__all__ = ["DocumentContext"]

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
_TWO_WORDS = re.compile(r"\b([A-Z][a-z]{3,}) ([a-z]{3,})\b")
# Endings of Latin genera and epithets, for a binomial that no abbreviation of the text vouches for.
_GENUS = re.compile(r".*(?:us|a|um|is|es|on|er|[aeioy]x|ys|o|as|e)")
_EPITHET = re.compile(
    r".*(?:us|a|um|is|i|ae|ans|ens|ster|[aeio]x|ops|oides|icola|fer|ger|color|one)"
)
_MOST_GENERA = 50
# "brown trout (Salmo trutta", "the fire ant, Solenopsis invicta", and "Bacillus subtilis strain
# YB955".
_COMMON_NAME = re.compile(r"((?:[\w'-]+ ){0,2}[a-z][\w'-]{2,})(?: \(|, | )(?:the \w+ )?\Z")
_COMMON_NAME_AFTER = re.compile(r" (?:[A-Z]\w*\.? )?\((?:the )?([a-z][a-z' -]{2,30})\)")
_COMMON_NAME_REACH = 60
_STRAIN = re.compile(
    r"(?: subsp\. \w+)? (?:\(?(?:strains?|isolates?|str\.?) )?\(?([A-Z][\w/-]*\d[\w/-]*|\d+[A-Z][\w/-]*)"
)
_SHORT_BINOMIAL = re.compile(r"\b([A-Z][a-z]{0,2})\. ?([a-z]{3,})\b")
# A letter that is no base on one side at least; "T47D" and other cell lines do little harm.
_AMINO_CHANGE = re.compile(
    r"\b(?=[A-Z]\d+[DEFHIKLMNPQRSVWYX]|[DEFHIKLMNPQRSVWY])[A-Z](\d{1,4})[ACDEFGHIKLMNPQRSTVWYX]\b"
)


@dataclass(frozen=True, slots=True)
class DocumentContext:
    """What the strategies ask of a document; equal facts give equal answers, so they may key a
    cache.

    `species`: taxon CURIEs, the most mentioned first. `binomials`: what the text has for a
    binomial, with the full form: ("E. coli", "Escherichia coli"), ("brown trout", "Salmo trutta"),
    strains. `codons`: places of changes that can only be of amino acids ("V600E"), in order.
    `rs_numbers`: place of a variant ("c894") and the number that the text puts beside it
    ("rs1799983").
    """

    species: tuple[str, ...] = ()
    binomials: tuple[tuple[str, str], ...] = ()
    codons: tuple[int, ...] = ()
    rs_numbers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, document: Document) -> "DocumentContext":
        """The facts of one document, from its text and its mentions; linear in both."""
        text = document.text
        codons = tuple(sorted({int(match[1]) for match in _AMINO_CHANGE.finditer(text)}))
        return cls(_species(text), _binomials(text), codons, joined_rs_numbers(document, codons))


def _species(text: str) -> tuple[str, ...]:
    counts = Counter(
        _GROUPS[match.lastindex - 1] for match in _SPECIES_WORD.finditer(text) if match.lastindex
    )
    return tuple(species for species, _ in counts.most_common())


def _binomials(text: str) -> tuple[tuple[str, str], ...]:
    """Short binomials, common names and strains, each with the binomial the text gives it; full
    ones as they are.
    """
    short = list(_SHORT_BINOMIAL.finditer(text))
    epithets = {match[2] for match in short}
    found: dict[str, str] = {}
    genera: dict[str, dict[str, None]] = defaultdict(dict)
    same: dict[str, dict[str, None]] = defaultdict(dict)
    for match in _TWO_WORDS.finditer(text):
        genus, epithet = match.groups()
        if epithet in epithets:
            same[epithet][genus] = None
        if epithet in epithets or (_GENUS.fullmatch(genus) and _EPITHET.fullmatch(epithet)):
            genera[genus[0]][genus] = None
            found[match[0]] = match[0]
            _beside(text, match, match[0], found)
    for match in short:
        genus, epithet = match.groups()
        # The text may know the genus with another species only: "Staphylococcus epidermidis and S.
        # aureus".
        candidates = islice(chain(same[epithet], genera[genus[0]]), _MOST_GENERA)
        if meant := next((each for each in candidates if each.startswith(genus)), None):
            found[f"{genus}. {epithet}"] = f"{meant} {epithet}"
        _beside(text, match, found.get(f"{genus}. {epithet}", f"{genus}. {epithet}"), found)
    return tuple(found.items())


def _beside(text: str, match: re.Match[str], binomial: str, found: dict[str, str]) -> None:
    if common := _COMMON_NAME.search(
        text[max(0, match.start() - _COMMON_NAME_REACH) : match.start()]
    ):
        words = common[1].lower().split()
        for first in range(len(words)):
            found.setdefault(" ".join(words[first:]), binomial)
    if common := _COMMON_NAME_AFTER.match(text, match.end()):
        found.setdefault(common[1], binomial)
    if strain := _STRAIN.match(text, match.end()):
        found.setdefault(strain[1], binomial)
