"""Chemicals: ions, formulas, salts, isomers and labelled forms of what terminologies have under its
plain name.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from biopipe.language.tables import read_table

__all__ = ["chemical_names", "singly_charged_anions"]

_BRACKETED = re.compile(r"\((\d?[+-]?)\)")
_CHARGE = re.compile(r"(?<=\w) ?\d?[+-]{1,3}\Z")
_LABEL = re.compile(r"\[\(?\d{1,3}\)?[A-Z][a-z]?\][- ]?|(?:deuterated|tritiated|radiolabell?ed) ")
_ISOMER = re.compile(
    r"\A(?:\((?:[+-]|\+/?-|±|[RSEZ](?:,[RSEZ])*|\d*[RS])\)|DL|[LDSRld])-(?=\(?[A-Za-z]{3})"
)
_CATION = re.compile(
    r"(?:(?:di|tri)?sodium|potassium|calcium|magnesium|lithium) (?=\w+ates?\Z)", re.IGNORECASE
)
_COUNTERION = re.compile(
    r" (?:(?:mono|di|tri|hemi|sesqui)?(?:hydrochloride|hydrobromide|hydrate|chloride|bromide"
    r"|iodide|sodium|potassium"
    r"|calcium|magnesium|sulph?ate|phosphate|nitrate|acetate|citrate|maleate|fumarate|tartrate"
    r"|succinate|lactate"
    r"|mesylate|besylate|tosylate|pamoate|gluconate|malate|oxalate|bitartrate|HCl|HBr))\Z",
    re.IGNORECASE,
)
# How a tablet gives its drug off, as prescriptions have it behind the name.
_RELEASE = re.compile(r" (?:ER|XR|XL|XT|SR|CR|CD|LA|SA|DR|EC|IR|ODT|HFA)\Z")
_SALT_OF_ACID = re.compile(r"(\w{3,})ates?\Z")
_DRUGS = re.compile(r"[ -](?:drugs?|medications?|medicines?|therapeutics|treatments?)\Z")
_EXTRACT = re.compile(r"extracts? of .+|.+ extracts?", re.IGNORECASE)
_CLASS_WORDS = 3


# Mentions come again and again in a corpus.
@lru_cache(maxsize=4096)
def chemical_names(surface: str) -> tuple[str, ...]:
    """Names of the chemical behind "Ca(2+)", "NaCl", "(R)-[3H]nicotine" or "sodium valproate".

    What a formula stands for, then less and less of the mention, then the class that it may name.
    """
    names = dict.fromkeys(_names(surface))
    names.pop(surface, None)
    return tuple(names)


@cache
def _formulas(what: str) -> Mapping[str, str]:
    """Names by formula, of elements, anions or molecules."""
    rows = read_table("biopipe.kinds.chemical", "formulas.tsv")
    return {formula: name for formula, name, kind in rows if kind == what}


@cache
def singly_charged_anions() -> frozenset[str]:
    """Formulas that a single minus sign makes an anion: "Cl", "HCO3", "O2"."""
    doubly = {"CO3", "O", "PO4", "S", "SO4"}
    molecules = {name.removesuffix("-") for name in _formulas("molecule") if name.endswith("-")}
    return frozenset(_formulas("anion")).difference(doubly) | molecules


@cache
def _metals() -> frozenset[str]:
    return frozenset(_formulas("element").values())


@cache
def _salt_formula() -> re.Pattern[str]:
    anions = "|".join(sorted(_formulas("anion"), key=len, reverse=True))
    return re.compile(rf"([A-Z][a-z]?)\d?\(?({anions})\)?\d?")


def _names(surface: str) -> Iterator[str]:
    yield from _of_formula(_BRACKETED.sub(r"\1", surface).replace(" ", ""))
    plain = surface
    for pattern in (_RELEASE, _LABEL, _ISOMER, _CATION, _COUNTERION):
        shorter = pattern.sub("", plain)
        if shorter.lower() not in _metals():  # of lead acetate the lead is no plainer name
            plain = shorter
            yield plain
    if acid := _SALT_OF_ACID.fullmatch(plain):
        yield f"{acid[1]}ic acid"
    yield surface.replace("reuptake", "uptake").removeprefix("selective ")
    if len(surface.split()) <= _CLASS_WORDS and surface[-1:].isalpha():
        yield from (f"{_DRUGS.sub('', surface)} {kind}" for kind in ("agents", "compounds"))
    if _EXTRACT.fullmatch(surface):
        yield "plant extracts"


def _of_formula(formula: str) -> Iterator[str]:
    elements, anions, molecules = map(_formulas, ("element", "anion", "molecule"))
    neutral = _CHARGE.sub("", formula)
    charged = neutral != formula
    for whole in (formula, neutral):
        if whole in molecules:
            yield molecules[whole]
    if charged and neutral in anions:
        yield anions[neutral]
    if neutral in elements:
        yield elements[neutral]
    elif (salt := _salt_formula().fullmatch(neutral)) and salt[1] in elements:
        yield f"{elements[salt[1]]} {anions[salt[2]]}"
