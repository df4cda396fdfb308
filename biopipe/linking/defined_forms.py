"""What a short form means in a text that defines it."""

import re
from collections.abc import Callable, Mapping, Sequence

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.exact import NameBearer
from biopipe.linking.name_comparison import shares_telling_word
from biopipe.text.normalize import normalize_name

__all__ = ["Meant", "all_bearers", "first_borne", "fitting_long_form", "has_word_before_symbol"]

Meant = Callable[[Sequence[str], str, Sequence[NameBearer]], Sequence[NameBearer]]
"""Given the names that a mention may be looked up by, one of them, and its bearers: those of these
that may be meant.
"""


def all_bearers(
    names: Sequence[str], name: str, bearers: Sequence[NameBearer]
) -> Sequence[NameBearer]:
    """The bearers as they are."""
    return bearers


def first_borne(
    names: Sequence[str], bearers: Mapping[str, Sequence[NameBearer]], meant: Meant
) -> tuple[str, Sequence[NameBearer]]:
    """The first name that has bearers who may be meant, and these; "" and () for none."""
    for name in names:
        if of_name := meant(names, name, bearers[name]):
            return name, of_name
    return "", ()


# A long form of a single word, and how many letters of it the right names have.
_WORD = re.compile(r"[A-Z]?[a-z]{4,}")
_BEGINNING = 4
_SIGNS = re.compile(r"[\W_]+")
# Of the codes of genes, those of as many letters and digits often have several meanings.
_SHARED_BY_CHANCE = 3


def fitting_long_form(kb: KnowledgeBase, *, codes: bool) -> Meant:
    """Gives the bearers of a surface form of a mention that fit its first one, the long form.

    "TOR" is no nuclear receptor where a text defines it as "target of rapamycin": a bearer has one
    of the words of the long form, or the short form as its preferred name. Of 32 gold mentions of
    five corpora whose bearers this leaves out none of 8 diseases and chemicals and 6 of 24 genes
    meant them. Where names are `codes`, those of more than three letters and digits are hardly
    shared by chance ("TAFI", "MnSOD"), and stand though the long form is an old one.
    """

    def meant(
        forms: Sequence[str], form: str, bearers: Sequence[NameBearer]
    ) -> Sequence[NameBearer]:
        long_form = forms[0]
        shares = _begins_word if _WORD.fullmatch(long_form) else shares_telling_word
        if form == long_form or not bearers or shares(long_form, ()):
            return bearers
        signs = sum(map(str.isalnum, form)) - has_word_before_symbol(form)
        if codes and signs > _SHARED_BY_CHANCE:
            return bearers
        is_own = _same_signs if shares is _begins_word else _same_letters
        kept = []
        for bearer in bearers:
            concept = kb.concept(kb.concept_id(bearer.concept))
            names = (concept.name, *concept.synonyms)
            if is_own(concept.name, form) or shares(long_form, names):
                kept.append(bearer)
        return kept

    return meant


def _begins_word(long_form: str, names: Sequence[str]) -> bool:
    """Whether a word of any name begins as a long form of one word does."""
    beginning = long_form[:_BEGINNING].lower()
    words = (word for name in names for word in normalize_name(name).split())
    return any(word.startswith(beginning) for word in words)


def _same_signs(name: str, form: str) -> bool:
    return _SIGNS.sub("", name) == _SIGNS.sub("", form)


def _same_letters(name: str, form: str) -> bool:
    """Whether two symbols are one but for case: "CTNS" is no plural of "cTn"."""
    if has_word_before_symbol(form) and not has_word_before_symbol(name):
        return False
    return _same_signs(name.casefold(), form.casefold())


def has_word_before_symbol(form: str) -> bool:
    """Whether a small letter before capitals stands for a word: "eGFR" is the estimated filtration
    rate, "cAMP" cyclic, and neither is a gene whose symbol has the same letters.
    """
    return form[:1].islower() and form[1:3].isupper()
