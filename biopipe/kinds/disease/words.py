"""Other words for a disease: the noun behind an adjective, the head that a name lacks, the organ
that is harmed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from biopipe.language.tables import read_table

__all__ = ["as_noun", "of_function", "of_organ", "of_tumor", "with_head"]

_SHORTEST = 5
_HEADS = ("disease", "syndrome", "disorder")
_HEADED = re.compile(
    r"(?:.*(?:diseases?|syndromes?|disorders?|deficienc(?:y|ies)|tumou?rs?|cancers?|failure"
    r"|anomal(?:y|ies)|defects?)"
    r"|.*(?:itis|osis|oma|uria|pathy|trophy|algia|ia|ism|sion|tion|(?<!toxic)ity))",
    re.IGNORECASE,
)
_LONGEST_HEADLESS = 3
_MIND = "mental"

_HARM = re.compile(
    r"(\w+(?: \w+)?) (?:(lesions?)|injur(?:y|ies)|damages?|dys?functions?|toxicit(?:y|ies)"
    r"|impairments?|involvement"
    r"|abnormalit(?:y|ies)|complications?|symptoms?|disturbances?|problems?|anomal(?:y|ies)"
    r"|diseases?|disorders?"
    r"|effects?|illness(?:es)?|alterations?|events?|changes?|manifestations?)",
    re.IGNORECASE,
)
# Terminologies have neurotoxicity itself.
_ORGAN_HARM = re.compile(
    r"(?!neurotox)(\w+?o?)(?:pathy|pathies|toxicity|toxicities|toxic|pathic)", re.IGNORECASE
)
_TOXIC = re.compile(r"(?:hepat\w*|liver)(?: ?toxic(?:ity|ities)?| injur(?:y|ies))", re.IGNORECASE)
_TOXIC_LIVER = "drug-induced liver injury"

# An organ that does less than it should.
_LESS = (
    r"(?:decreas|reduc|impair|diminish|compromis|deteriorat|worsen|declin|depress|los[st]"
    r"|poor)(?:e[ds]?|ing|tion|ment"
    r"|ion|ation|s|)"
)
_FUNCTION = re.compile(
    rf"{_LESS}(?: (?:of|in|the))* ([\w ]+?) functions?|([\w ]+?) functions? (?:was "
    rf"|is )?(?:\w+ly )?{_LESS}",
    re.IGNORECASE,
)

# Terminologies of diseases list the neoplasms of an organ, seldom how their cells look or how they
# came to be.
_TUMOR = re.compile(
    r"(\w+) (?:(tumou?rs?)|adenocarcinomas?|carcinogenesis|tumou?rigenesis|tumou?rogenesis"
    r"|malignanc(?:y|ies))",
    re.IGNORECASE,
)


def as_noun(name: str) -> Iterator[str]:
    """What somebody has who is "hypotensive", "epileptic" or "G6PD-deficient"; most are no words,
    to be looked up.
    """
    lower = name.lower()
    for adjective, nouns in _endings():
        if lower.endswith(adjective) and len(lower) >= _SHORTEST:
            for noun in nouns or ("",):
                yield name[: len(name) - len(adjective)] + noun


def with_head(name: str) -> Iterator[str]:
    """The word that "Lesch-Nyhan" and "bipolar" lack, put after them; the name of an organ, and
    "hepatic" alone, is no disease that lacks one.

    Of the organs' adjectives annotators of BC5CDR, BioRED and NCBI Disease have "psychiatric" alone
    as a disease.
    """
    organs, lower = _organs("adjective"), name.lower()
    if lower in organs.values() or lower in _organs("part").values():
        return
    if organs.get(lower, _MIND) != _MIND:
        return
    if 0 < len(name.split()) <= _LONGEST_HEADLESS and not _HEADED.fullmatch(name):
        for head in _HEADS:
            yield f"{name} {head}"


def of_organ(name: str) -> Iterator[str]:
    """The diseases of the organ that is harmed: "renal injury", "nephropathy" and "nephrotoxic" to
    "kidney disease".
    """
    if _TOXIC.fullmatch(name):
        yield _TOXIC_LIVER
    if harm := _HARM.fullmatch(name):
        organ = _organs("adjective").get(harm[1].lower(), harm[1])
        yield from (f"{organ} disease", f"{organ} disorder")
        if not harm[2]:  # a lesion is one finding, not any
            yield from (
                f"{organ} abnormality",
                f"abnormality of the {organ}",
                f"abnormality of the {organ}s",
            )
    if harm := _ORGAN_HARM.fullmatch(name):
        part = harm[1].lower()
        organs = _organs("part")
        organ = organs.get(part) or organs.get(f"{part}o", "")
        if organ:
            yield f"{organ} disease"


def of_function(name: str) -> Iterator[str]:
    """The insufficiency that "reduced renal function" or "loss of kidney function" is."""
    if match := _FUNCTION.fullmatch(name):
        organ = match[1] or match[2]
        yield from (f"{organ} insufficiency", f"{organ} dysfunction")


def of_tumor(name: str) -> Iterator[str]:
    """The cancer of the organ whose "adenocarcinoma" or "carcinogenesis" is meant, the neoplasm
    where it is a tumor.
    """
    if tumor := _TUMOR.fullmatch(name):
        if not tumor[2]:
            yield f"{tumor[1]} cancer"
        yield f"{tumor[1]} neoplasm"


@cache
def _endings() -> Sequence[tuple[str, tuple[str, ...]]]:
    """How words for patients and findings end, and how the words for what they have end."""
    rows = read_table("biopipe.kinds.disease", "endings.tsv")
    return [(adjective, tuple(nouns.split())) for adjective, nouns in rows]


@cache
def _organs(kind: str) -> Mapping[str, str]:
    rows = read_table("biopipe.kinds.disease", "organs.tsv")
    return {word: organ for word, organ, of in rows if of == kind}
