"""Species: abbreviated genera, strains that fall back to their species, and words for people and
animals.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from biopipe.document import Candidate
from biopipe.kinds.context import DocumentContext
from biopipe.language.greek import VIRUS_VARIANT_NAMES
from biopipe.language.species_words import species_words

__all__ = ["binomials_in_text", "everyday_species", "species_names"]

# Everyday words, and genera by themselves, mean the species that is studied, not the genus or
# family of that name.
_EVERYDAY_SCORE = 0.95
_PEOPLE = re.compile(
    r"\b(?:(?:in|out)?patients?|wom[ae]n|m[ae]n|child(?:ren)?|infants?|newborns?|neonates?"
    r"|bab(?:y|ies)|boys?|girls?"
    r"|adolescents?|adults?|persons?|people|subjects?|individuals?|participants?|volunteers?"
    r"|mothers?|fathers?"
    r"|parents?|siblings?|brothers?|sisters?|sons?|daughters?|probands?|donors?|carriers?"
    r"|famil(?:y|ies)|males?"
    r"|females?|humans?|twins?|survivors?|smokers?|workers?|students?|cases|cohorts?|toddlers?"
    r"|fetus(?:es)?)\Z",
    re.IGNORECASE,
)
_ANIMAL = re.compile(
    r"(?!.*virus)(?:.*[ /-])?(mice|mouse|rats?|rabbits?|hamsters?|guinea pigs?|pigs?|dogs?|cats?"
    r"|monkeys?|macaques?"
    r"|chickens?|chicks?|sheep|goats?|cows?|cattle|horses?|zebrafish|yeasts?|flies|frogs?)(?: .*)?",
    re.IGNORECASE,
)
_ADJECTIVES = {
    "murine": "mouse",
    "bovine": "cattle",
    "porcine": "pig",
    "ovine": "sheep",
    "caprine": "goat",
    "canine": "dog",
    "feline": "cat",
    "equine": "horse",
    "leporine": "rabbit",
}
_MOUSE_STRAIN = re.compile(
    r"(?:BALB/?c|C57BL?|C3H|DBA/?[12]|FVB|NOD|SCID|CD-?1|ICR|129|Swiss(?: albino)?|nude|A/J"
    r"|AKR)\b.*",
    re.IGNORECASE,
)
_RAT_STRAIN = re.compile(
    r"(?:Wistar|Sprague|Lewis|Fischer|F344|Long[- ]Evans|SHR|Zucker|Brown Norway)\b.*",
    re.IGNORECASE,
)
_INFLUENZA = re.compile(
    r"\bH\d{1,2}N\d\b|\binfluenza\b.*\bH\d{1,2}\b|\bH\d{1,2}\b.*(?:influenza|virus)"
)
# Lineages of SARS-CoV-2 by Pango and WHO, with the name of the virus or without.
_LINEAGE = re.compile(
    rf"(?:SARS-CoV-2 )?(?:(?:{'|'.join(VIRUS_VARIANT_NAMES)})"
    r"(?: \(?[A-Z]{1,3}(?:\.\d{1,3})+\)?)?"
    r"|[A-Z]{1,3}(?:\.\d{1,3})+)(?: (?:sub)?(?:variant|lineage|strain)s?)?"
)
_VIRUS_STRAIN = re.compile(r"([A-Z]{2,5}V(?:-\d)?)(?:[a-z]+[\w-]*|\(.*\)|[-_ ].*)")
_SHORT_BINOMIAL = re.compile(r"([A-Z][a-z]{0,2})\.? ?([a-z]{3,}\b)(.*)", re.DOTALL)
_BINOMIAL = re.compile(r"([A-Z][a-z]+ (?:[a-z]{3,}|sp\.?))[ ,(:-].+", re.DOTALL)
_SUBSPECIES = re.compile(
    r"\b(?:subsp|ssp|var|pv|bv|f|sp)\.?(?: .*)?\Z|\b(?:serovar|serotype|biovar|pathovar|type)\b.*"
)
_AFTER = re.compile(
    r"[ -]+(?:strains?|isolates?|cells?|larvae?|embryos?|plants?|seedlings?|populations?|complex"
    r"|group|spp?\.?"
    r"|mutants?|transformants?|virus(?:es)?|bacteria|infections?|subtypes?(?: .*)?"
    r"|clades?(?: .*)?)\Z"
)
_BEFORE = re.compile(
    r"(?:the|wild[- ]type|transgenic|knock-?out|mutant|adult|neonatal|newborn|pregnant|male|female"
    r"|healthy|laboratory|domestic|wild|common|cultured|recombinant) ",
    re.IGNORECASE,
)


# Mentions come again and again in a corpus.
@lru_cache(maxsize=4096)
def species_names(surface: str) -> tuple[str, ...]:
    """Names of the species behind "B.cereus", "C57BL/6 mice" or "older women": less and less of the
    mention, then common names.
    """
    names = dict.fromkeys(_plainer_names(surface))
    names.pop(surface, None)
    return tuple(name for name in names if name)


def binomials_in_text(surface: str, context: DocumentContext) -> tuple[str, ...]:
    """The genus written out as the document does: "E. coli K-12" to "Escherichia coli K-12"."""
    return tuple(dict.fromkeys(_in_text(surface, context.binomials)))


def everyday_species(surface: str, context: DocumentContext) -> Candidate | None:
    """The species an everyday word stands for."""
    words, species = surface.lower(), species_words("mention")
    entry = species.get(words) or species.get(words.replace(" ", "-"))
    return Candidate(entry.taxon, entry.species, _EVERYDAY_SCORE) if entry else None


def _in_text(surface: str, binomials: Mapping[str, str]) -> Iterator[str]:
    for name in (surface, surface.lower(), surface.lower().removesuffix("s")):
        if name in binomials:
            yield binomials[name]
    if short := _SHORT_BINOMIAL.fullmatch(surface):
        abbreviated = f"{short[1]}. {short[2]}"
        full = binomials.get(abbreviated, abbreviated)
        yield full + short[3]
        yield full
        yield abbreviated


def _plainer_names(surface: str) -> Iterator[str]:
    if binomial := _BINOMIAL.fullmatch(surface):
        yield binomial[1]
    plain = surface
    while (shorter := _BEFORE.sub("", _AFTER.sub("", plain), count=1)) != plain:
        plain = shorter
        yield plain
    if (without := _SUBSPECIES.sub("", surface).rstrip(" ,-(")) != surface:
        yield without
    if plain.lower() in _ADJECTIVES:
        yield _ADJECTIVES[plain.lower()]
    if _PEOPLE.search(surface):
        yield "Homo sapiens"
        yield "human"
    if animal := _ANIMAL.fullmatch(surface):
        yield animal[1]
    if _MOUSE_STRAIN.fullmatch(surface):
        yield "mouse"
    if _RAT_STRAIN.fullmatch(surface):
        yield "rat"
    if _INFLUENZA.search(surface):
        yield "Influenza A virus"
    if _LINEAGE.fullmatch(surface):
        yield "SARS-CoV-2"
    if virus := _VIRUS_STRAIN.fullmatch(surface):
        yield virus[1]
    if "virus" not in surface:
        yield f"{plain} virus"
