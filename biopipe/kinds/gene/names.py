"""Genes: the names a gene goes by in text, made from the words of a mention, and the species of the
document.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from biopipe.document import Candidate
from biopipe.kinds.context import DocumentContext

__all__ = ["GeneStrategy"]

_MOST_NAMES = 12
_HUMAN = "NCBITaxon:9606"

# Words that say what kind of thing is meant, or whose, but not which. "receptor" is not one of
# them.
_BEFORE = re.compile(
    r"(?:(?i:human|mouse|murine|rat|bovine|porcine|yeast|drosophila|zebrafish|chicken|recombinant|wild[- ]type|wt"
    r"|mutant|mutated|endogenous|exogenous|soluble|serum|plasma|circulating|total|native|active|activated|the"
    r"|phospho(?:rylated)?|anti|pro|full[- ]length|truncated)[ -]+|p-(?=[A-Z]))+"
)
_AFTER = re.compile(
    r"(?:[ -]+(?i:genes?|proteins?|polypeptides?|peptides?|m?rnas?|cdnas?|transcripts?|promoters?|alleles?|loc(?:us|i)"
    r"|antigens?|isoforms?|subunits?|precursors?|molecules?|family|enzymes?|homologu?es?|channels?|oncogenes?))+\Z"
)
_SPECIES_LETTER = re.compile(r"(?:[hps](?=[A-Z])|(?:[mr]|hs|hu|mu)(?=[A-Z][A-Za-z]*[A-Z0-9]))")
_ISOFORM = re.compile(r"(?:v\d+|(?<=\d)(?:[ -]?(?:alpha|beta|gamma|delta)|[abp])|[ -][LS])\Z")
_BRACKET = re.compile(r" ?[(\[]([^()\[\]]*)[)\]]")

_GREEK_LETTERS = {
    "alpha": "A",
    "beta": "B",
    "gamma": "G",
    "delta": "D",
    "epsilon": "E",
    "zeta": "Z",
    "theta": "Q",
    "kappa": "K",
    "lambda": "L",
    "mu": "M",
    "sigma": "S",
    "α": "A",
    "β": "B",
    "γ": "G",
    "δ": "D",
    "ε": "E",
    "ζ": "Z",
    "θ": "Q",
    "κ": "K",
    "λ": "L",
    "μ": "M",
    "σ": "S",
}
_GREEK = re.compile("|".join(_GREEK_LETTERS))
_LETTER_FOR_GREEK = re.compile(r"(?<=[A-Z0-9])[- ]?([abgd])(\d?)\Z|(?<=[a-z])-([abgd])\Z")
_GREEK_FIRST = re.compile(r"([abgd])-(?=\d|[a-z]{4})")
_GREEK_NAMES = {"a": "alpha", "b": "beta", "g": "gamma", "d": "delta"}
_SEPARATORS = re.compile(r"[\s/(),.-]+")
_SYMBOL = re.compile(r"(?=.*[A-Z])[A-Za-z][A-Za-z0-9-]{1,9}")
_RECEPTOR = re.compile(r"([A-Za-z][\w-]{0,11}?)[ -]?receptors?[ -]?(\d+|I{1,3}|IV|[A-D])?")
_ROMAN_END = re.compile(r"(?<=[A-Za-z])(VIII|VII|III|VI|IV|IX|II|V|I)\Z")
_ROMAN = {
    "I": "1",
    "II": "2",
    "III": "3",
    "IV": "4",
    "V": "5",
    "VI": "6",
    "VII": "7",
    "VIII": "8",
    "IX": "9",
}
_CYTOCHROME = re.compile(
    r"(?:(?:cytochrome[ -]*)?p[ -]?450|CYP)[ -]*(?:\(?CYP\)?[ -]*)?(\d+)([A-Z]\d+)?", re.IGNORECASE
)
_INTERLEUKIN = re.compile(r"IL-?(\d+[A-Z]?) (?=[a-z])")
_FACTOR = re.compile(r"factor ([IVX]+[a-z]?|[BDHI])")
# What a name's words become in a symbol; any other word gives its first letter.
_STEMS = {
    "apolipoprotein": "APO",
    "aquaporin": "AQP",
    "cadherin": "CDH",
    "caspase": "CASP",
    "claudin": "CLDN",
    "collagen": "COL",
    "connexin": "CX",
    "immunoglobulin": "IG",
    "integrin": "ITG",
    "interferon": "IFN",
    "interleukin": "IL",
    "keratin": "KRT",
    "laminin": "LAM",
    "metalloproteinase": "MP",
    "metalloprotease": "MP",
    "transferase": "T",
    "phosphatase": "P",
    "cyclooxygenase": "COX",
    "cytokine": "CK",
    "insulin": "I",
}
_SMALL_WORDS = frozenset({"of", "the", "and", "to", "in", "for", "with", "like"})
_WORD = re.compile(r"[A-Za-z]+|\d+[A-Za-z]?")


class GeneStrategy:
    """Symbols and names from the forms that texts use: "IL-1β", "PKCalpha", "hPER2", "VEGF receptor
    2".
    """

    def names(self, surface: str, facts: DocumentContext) -> tuple[str, ...]:
        """At most a dozen names; the surface with less around it comes first, guesses at its symbol
        last.
        """
        return _names(surface)

    def concept(self, surface: str, facts: DocumentContext) -> Candidate | None:
        return None

    def types(self, facts: DocumentContext) -> tuple[str, ...] | None:
        """The taxa of the document, the most mentioned first; human where it names none."""
        return facts.species or (_HUMAN,)


@lru_cache(maxsize=4096)
def _names(surface: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    bases = list(dict.fromkeys([surface, *_plainer(surface)]))
    for base in bases:
        found[base] = None
    for make in _WAYS:
        for base in bases:
            found.update(dict.fromkeys(make(base)))
    found.pop(surface)
    return tuple(name for name in found if len(name) > 1)[:_MOST_NAMES]


def _plainer(surface: str) -> Iterator[str]:
    """The mention without words around the name, without a bracket, without the letter of its
    species.
    """
    plain = _AFTER.sub("", surface[match.end() :] if (match := _BEFORE.match(surface)) else surface)
    if plain:
        yield plain
    if bracket := _BRACKET.search(plain):
        rest = plain[bracket.end() :]
        yield plain[: bracket.start()] + rest
        yield bracket[1] + rest
    if letter := _SPECIES_LETTER.match(plain):
        yield plain[letter.end() :]


def _greek_as_letter(name: str) -> Iterator[str]:
    if _GREEK.search(name) and len(name.split()) < 3:
        symbol = _SEPARATORS.sub("", _GREEK.sub(lambda match: _GREEK_LETTERS[match[0]], name))
        yield symbol
        if symbol.startswith("PKC"):
            yield f"PRKC{symbol[3:]}"
        if not symbol[-1:].isdigit():
            yield f"{symbol}1"


def _letter_as_greek(name: str) -> Iterator[str]:
    if match := _LETTER_FOR_GREEK.search(name):
        yield f"{name[: match.start()]}-{_GREEK_NAMES[match[1] or match[3]]}{match[2] or ''}"
    if match := _GREEK_FIRST.match(name):
        yield f"{_GREEK_NAMES[match[1]]}-{name[match.end() :]}"


def _joined(name: str) -> Iterator[str]:
    joined = _SEPARATORS.sub("", name)
    if joined != name and len(joined) <= 8:
        yield joined


def _receptor(name: str) -> Iterator[str]:
    if match := _RECEPTOR.fullmatch(name):
        ligand, number = match.groups()
        letters = _GREEK.sub(lambda letter: _GREEK_LETTERS[letter[0]], ligand)
        yield (
            _SEPARATORS.sub("", letters).upper() + "R" + _ROMAN.get(number, number)
            if number
            else f"{ligand}R"
        )


def _arabic(name: str) -> Iterator[str]:
    if " " not in name and (match := _ROMAN_END.search(name)):
        for base in _greek_as_letter(name[: match.start()]):
            yield base + _ROMAN[match[1]]
        yield name[: match.start()] + _ROMAN[match[1]]


def _cytochrome(name: str) -> Iterator[str]:
    if match := _CYTOCHROME.fullmatch(name):
        yield f"CYP{match[1]}{(match[2] or 'A1').upper()}"


def _blood_factor(name: str) -> Iterator[str]:
    if match := _FACTOR.fullmatch(name):
        yield f"{'complement' if len(match[1]) == 1 and match[1] in 'BDHI' else 'coagulation'} factor {match[1]}"


def _synthase(name: str) -> Iterator[str]:
    for one, other in (("synthase", "synthetase"), ("synthetase", "synthase")):
        if one in name:
            yield name.replace(one, other)


def _written_out(name: str) -> Iterator[str]:
    if match := _INTERLEUKIN.match(name):
        yield f"interleukin {match[1]} {name[match.end() :]}"
    if " protein " in name:
        yield name.replace(" protein ", " ")


def _numbered(name: str) -> Iterator[str]:
    """The first of a family that the text does not number, and the only one that it does."""
    symbol = name.removesuffix("s")
    if _SYMBOL.fullmatch(symbol):
        yield f"{symbol}A" if symbol[-1].isdigit() else f"{symbol}1"
        yield symbol[:-1].rstrip("-") if symbol.endswith("1") else f"{symbol}A"
    elif name.endswith(" 1"):
        yield name[:-2]


def _acronym(name: str) -> Iterator[str]:
    """The symbol that the words of a name would make, with its number: "hepatocyte nuclear
    factor-6" to "HNF6".
    """
    words = [word for word in _WORD.findall(name) if word.lower() not in _SMALL_WORDS]
    spelled = sum(len(word) > 2 and word.isalpha() for word in words)
    stems = any(word.lower() in _STEMS for word in words)
    if (
        not words
        or not (words[-1][0].isdigit() or stems)
        or spelled < (1 if stems and len(words) > 1 else 2)
    ):
        return
    parts = [
        _STEMS.get(
            word.lower(), _GREEK_LETTERS.get(word.lower(), word if word.isupper() else word[0])
        )
        if word.isalpha()
        else word
        for word in words
    ]
    symbol = "".join(parts).upper()
    if 3 <= len(symbol) <= 8:
        yield symbol


def _any_isoform(name: str) -> Iterator[str]:
    if match := _ISOFORM.search(name):
        yield name[: match.start()]


_WAYS: tuple[Callable[[str], Iterator[str]], ...] = (
    _joined,
    _greek_as_letter,
    _letter_as_greek,
    _receptor,
    _arabic,
    _cytochrome,
    _blood_factor,
    _synthase,
    _written_out,
    _acronym,
    _any_isoform,
    _numbered,
)
