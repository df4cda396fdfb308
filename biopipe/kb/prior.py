"""How likely a name of the dictionary means its concept here, before anything is read of the
context.

The score of a candidate is about the share of gold mentions that matched a name in the same way and
meant its concept. The shares were counted, then rounded, with MEDIC and MeSH descriptors on the dev
sets of NCBI Disease, BC5CDR and BioRED, and with HGNC's human genes on BioRED train and dev and the
training part of NLM-Gene, where orthologues of other species are most of the errors. Set by
judgement, from few cases or none: symbols that are not genes, related names, capitals for a short
word, and how symbols and genes share a name. `benchmarks/linking_dev.py` has these names alone
beside all retrievers, on the same dev sets, so it flatters them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from biopipe.kb.schema import KINDS
from biopipe.language.greek import GREEK_NAMES

__all__ = [
    "OWN_NAMES",
    "PREFERRED_NAME",
    "SHARE_OF_OTHER_SPELLING",
    "SHARE_OF_OTHER_TYPE",
    "Match",
    "NameMatch",
    "match_name",
    "prior",
    "shares",
    "system_share",
]


class Match(IntEnum):
    """How a mention and a stored name are the same; the lower the better."""

    IDENTICAL = 0
    PUNCTUATION = 1
    CASE = 2
    FORM = 3
    ORDER = 4


# In the order of `Match`: IDENTICAL, PUNCTUATION, CASE, FORM, ORDER; the text above says from what
# they were counted.
_WORD = (0.95, 0.95, 0.95, 0.9, 0.55)
_SYMBOL = (0.8, 0.75, 0.7, 0.3, 0.05)
_GENE_WORD = (0.6, 0.55, 0.55, 0.5, 0.3)
_GENE_SYMBOL = (0.75, 0.6, 0.2, 0.05, 0.05)
_GENE_SYMBOL_SYNONYM = (0.5, 0.5, 0.4, 0.05, 0.05)
OWN_NAMES = ("name", "exact")
"""The kinds of names that mean their concept and no other."""
_RELATED = 0.9
# A mention in capitals that is a short word of the dictionary ("CAT") is as likely an abbreviation
# of its own.
_CAPITALS_FOR_WORD = 0.6
# Share of the first of several concepts with the same name, by the order that breaks ties.
_FIRST_WORD, _FIRST_SYMBOL = 0.85, 0.45

# Where MeSH and Mondo have a name for concepts that are not joined, a user who prefers ids of MeSH
# means that of MeSH, unless its match is much the poorer one (another case of a symbol is not).
_SHARE_OF_OTHER_SYSTEM = 0.15
PREFERRED_NAME = "name"
SHARE_OF_OTHER_TYPE = _SHARE_OF_OTHER_SYSTEM
"""What is left of a concept that has a name as a synonym where one of a likelier type is called so:
"hypersensitivity" of MeSH's Hypersensitivity and HPO's Emotional hypersensitivity. Of 189 gold
mentions of such names in NCBI Disease, BC5CDR and BioRED, train and dev, none meant the former, 164
the latter."""
SHARE_OF_OTHER_SPELLING = 0.15
"""What is left of a concept that has a symbol in another spelling alone where it is, letter by letter,
that of another: TSC1 is hardly CCL26, which was called TSC-1. In 41 documents of gold corpora (train)
with such a gene's name it meant the gene of the symbol in 38, the other in one."""
_ABOUT_AS_WELL = 0.7

# Longer runs of letters alone are words, and capitals of at most four letters may be short forms.
_LONGEST_SYMBOL_WORD = 5
_SHORT = 4
_SIGNS = re.compile(r"[\W_]+")
_LOWER_RUN = re.compile(r"[a-z]{4}")


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A name of the dictionary that a mention matched, `text`; `concept` is a row of the concept
    table.
    """

    concept: int
    match: Match
    kind: str
    symbol: bool
    capitals: bool = False
    text: str = ""

    @property
    def rank(self) -> tuple[int, int, int]:
        """Sorts matches of one mention, the best first: of words the kind of name goes before
        case, signs and number, which tell only symbols apart: "progestin" are the Progestins,
        though it is a synonym of Progesterone.
        """
        match, kind = int(self.match), KINDS.index(self.kind)
        alike = not self.symbol and self.match <= Match.FORM
        return int(Match.IDENTICAL) if alike else match, kind, match


def match_name(
    surface: str, name: str, kind: str, concept: int, *, in_order: bool = True
) -> NameMatch:
    """How `surface` matches `name`, which has the same normal form or (not `in_order`) the same
    words.
    """
    match = _match(surface, name) if in_order else Match.ORDER
    short = len(surface) <= _SHORT and surface.isupper() and not name.isupper()
    return NameMatch(concept, match, kind, _is_symbol(name), short, name)


def prior(match: NameMatch, *, gene: bool) -> float:
    """The probability of one match, were it the only one. `gene`: the concept is a gene of one
    species.
    """
    if not gene:
        score = (_SYMBOL if match.symbol else _WORD)[match.match]
    elif not match.symbol:
        score = _GENE_WORD[match.match]
    else:
        score = (_GENE_SYMBOL if match.kind == "name" else _GENE_SYMBOL_SYNONYM)[match.match]
    if match.capitals and not match.symbol:
        score = min(score, _CAPITALS_FOR_WORD)
    return score if match.kind in OWN_NAMES else score * _RELATED


def shares(count: int, *, symbol: bool) -> list[float]:
    """How `count` concepts that matched equally well divide one probability, in their order."""
    if count == 1:
        return [1.0]
    first = _FIRST_SYMBOL if symbol else _FIRST_WORD
    return [first] + [(1 - first) / (count - 1)] * (count - 1)


def system_share(
    system: int,
    types: Sequence[str],
    score: float,
    others: Iterable[tuple[int, Sequence[str], float]],
) -> float:
    """What is left of the probability of a concept where one of a system that is preferred has the
    name too.

    `system` is the place of its system in the order of preference, `others` are (system, types,
    score) of all concepts with the name. Only concepts that share a type compete, and only those
    whose name matches about as well.
    """
    for other_system, other_types, other_score in others:
        if (
            other_system < system
            and other_score >= _ABOUT_AS_WELL * score
            and not set(types).isdisjoint(other_types)
        ):
            return _SHARE_OF_OTHER_SYSTEM
    return 1.0


def _match(surface: str, name: str) -> Match:
    if surface == name:
        return Match.IDENTICAL
    if surface.isascii() and name.isascii() and surface.lower() == name.lower():
        # What is left without the signs differs in case too.
        return Match.CASE
    surface, name = _greek_by_name(surface), _greek_by_name(name)
    one, other = _SIGNS.sub("", surface), _SIGNS.sub("", name)
    if one == other:
        return Match.PUNCTUATION
    return Match.CASE if one.casefold() == other.casefold() else Match.FORM


def _greek_by_name(name: str) -> str:
    """IL-1β as IL-1beta: the letter and its name are one spelling."""
    return name if name.isascii() else "".join([GREEK_NAMES.get(sign, sign) for sign in name])


def _is_symbol(name: str) -> bool:
    """A code such as BRCA1, IL-6 or HbA1c, whose case matters; not a word, nor a word in
    capitals.
    """
    if (
        " " in name
        or _LOWER_RUN.search(name)
        or (name.isalpha() and len(name) > _LONGEST_SYMBOL_WORD)
    ):
        return False
    return sum(character.isupper() for character in name) >= 2 or (
        any(character.isdigit() for character in name)
        and any(character.isupper() for character in name)
    )
