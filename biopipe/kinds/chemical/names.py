"""Chemicals: ions, formulas, salts, isomers and labelled forms of what terminologies have under its
plain name.
"""

import re
from collections.abc import Iterator

from biopipe.document import Candidate
from biopipe.kinds.context import DocumentContext

__all__ = ["ChemicalStrategy"]

_ELEMENTS = {
    "Ag": "silver",
    "Al": "aluminum",
    "As": "arsenic",
    "Au": "gold",
    "Ba": "barium",
    "Be": "beryllium",
    "Bi": "bismuth",
    "Br": "bromine",
    "C": "carbon",
    "Ca": "calcium",
    "Cd": "cadmium",
    "Cl": "chlorine",
    "Co": "cobalt",
    "Cr": "chromium",
    "Cs": "cesium",
    "Cu": "copper",
    "F": "fluorine",
    "Fe": "iron",
    "Gd": "gadolinium",
    "H": "hydrogen",
    "Hg": "mercury",
    "I": "iodine",
    "K": "potassium",
    "La": "lanthanum",
    "Li": "lithium",
    "Mg": "magnesium",
    "Mn": "manganese",
    "Mo": "molybdenum",
    "N": "nitrogen",
    "Na": "sodium",
    "Ni": "nickel",
    "O": "oxygen",
    "P": "phosphorus",
    "Pb": "lead",
    "Pt": "platinum",
    "Rb": "rubidium",
    "S": "sulfur",
    "Sb": "antimony",
    "Se": "selenium",
    "Si": "silicon",
    "Sn": "tin",
    "Sr": "strontium",
    "Ti": "titanium",
    "Tl": "thallium",
    "U": "uranium",
    "V": "vanadium",
    "Zn": "zinc",
}
_ANIONS = {
    "Br": "bromide",
    "CN": "cyanide",
    "CO3": "carbonate",
    "Cl": "chloride",
    "F": "fluoride",
    "HCO3": "bicarbonate",
    "I": "iodide",
    "N3": "azide",
    "NO2": "nitrite",
    "NO3": "nitrate",
    "O": "oxide",
    "OH": "hydroxide",
    "PO4": "phosphate",
    "S": "sulfide",
    "SO4": "sulfate",
}
_MOLECULES = {
    "CCl4": "carbon tetrachloride",
    "CO": "carbon monoxide",
    "CO2": "carbon dioxide",
    "H2O": "water",
    "H2O2": "hydrogen peroxide",
    "H2S": "hydrogen sulfide",
    "HCl": "hydrochloric acid",
    "N2O": "nitrous oxide",
    "NH3": "ammonia",
    "NO": "nitric oxide",
    "O2": "oxygen",
    "O2-": "superoxide",
    "O3": "ozone",
    "SO2": "sulfur dioxide",
}
_METALS = frozenset(_ELEMENTS.values())
_BRACKETED = re.compile(r"\((\d?[+-]?)\)")
_CHARGE = re.compile(r"(?<=\w) ?\d?[+-]{1,3}\Z")
_SALT_FORMULA = re.compile(
    r"([A-Z][a-z]?)\d?\(?(" + "|".join(sorted(_ANIONS, key=len, reverse=True)) + r")\)?\d?"
)
_LABEL = re.compile(r"\[\(?\d{1,3}\)?[A-Z][a-z]?\][- ]?|(?:deuterated|tritiated|radiolabell?ed) ")
_ISOMER = re.compile(
    r"\A(?:\((?:[+-]|\+/?-|±|[RSEZ](?:,[RSEZ])*|\d*[RS])\)|DL|[LDSRld])-(?=\(?[A-Za-z]{3})"
)
_CATION = re.compile(
    r"(?:(?:di|tri)?sodium|potassium|calcium|magnesium|lithium) (?=\w+ates?\Z)", re.IGNORECASE
)
_COUNTERION = re.compile(
    r" (?:(?:mono|di|tri|hemi|sesqui)?(?:hydrochloride|hydrobromide|hydrate|chloride|bromide|iodide|sodium|potassium"
    r"|calcium|magnesium|sulph?ate|phosphate|nitrate|acetate|citrate|maleate|fumarate|tartrate|succinate|lactate"
    r"|mesylate|besylate|tosylate|pamoate|gluconate|malate|oxalate|bitartrate|HCl|HBr))\Z",
    re.IGNORECASE,
)
_SALT_OF_ACID = re.compile(r"(\w{3,})ates?\Z")
_DRUGS = re.compile(r"[ -](?:drugs?|medications?|medicines?|therapeutics|treatments?)\Z")
_EXTRACT = re.compile(r"extracts? of .+|.+ extracts?", re.IGNORECASE)
_CLASS_WORDS = 3


class ChemicalStrategy:
    """Names of the chemical behind "Ca(2+)", "NaCl", "(R)-[3H]nicotine", "sodium valproate" or
    "imatinib mesylate".
    """

    def names(self, surface: str, facts: DocumentContext) -> tuple[str, ...]:
        """What a formula stands for, then less and less of the mention, then the class that it may
        name.
        """
        found = dict.fromkeys(_names(surface))
        found.pop(surface, None)
        return tuple(found)

    def concept(self, surface: str, facts: DocumentContext) -> Candidate | None:
        return None

    def types(self, facts: DocumentContext) -> tuple[str, ...] | None:
        return None


def _names(surface: str) -> Iterator[str]:
    yield from _of_formula(_BRACKETED.sub(r"\1", surface).replace(" ", ""))
    plain = surface
    for pattern in (_LABEL, _ISOMER, _CATION, _COUNTERION):
        shorter = pattern.sub("", plain)
        if shorter.lower() not in _METALS:  # of lead acetate the lead is no plainer name
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
    neutral = _CHARGE.sub("", formula)
    charged = neutral != formula
    for whole in (formula, neutral):
        if whole in _MOLECULES:
            yield _MOLECULES[whole]
    if charged and neutral in _ANIONS:
        yield _ANIONS[neutral]
    if neutral in _ELEMENTS:
        yield _ELEMENTS[neutral]
    elif (salt := _SALT_FORMULA.fullmatch(neutral)) and salt[1] in _ELEMENTS:
        yield f"{_ELEMENTS[salt[1]]} {_ANIONS[salt[2]]}"
