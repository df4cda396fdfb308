"""Variants in words ("glycine to arginine at codon 12", "32-bp deletion") to the same normal
form.
"""

import re
from collections.abc import Collection
from itertools import pairwise

from biopipe.kinds.variant.cleaning import clean
from biopipe.kinds.variant.forms import change, short_form
from biopipe.language.residues import (
    AMINO_ACIDS,
    NUCLEOTIDES,
    RESIDUES_AND_STOP,
    amino_acid,
    nucleotides,
    translate,
)

__all__ = ["normal_form", "worded_form"]

_COUNTS = {
    "single": "1",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "eleven": "11",
    "twelve": "12",
}
_NAMES = "|".join(sorted(AMINO_ACIDS | NUCLEOTIDES, key=len, reverse=True))
_RESIDUE = re.compile(
    rf"(?<![a-z])(?:(?i:{_NAMES})(?![a-z])|(?<![A-Za-z])[{RESIDUES_AND_STOP}](?![A-Za-z]))"
)
_CODON_CHANGE = re.compile(r"\b([ACGTU]{3})\b[ (]*(\d*)[ )]*(?:>|/| to |-to-)? ?\b([ACGTU]{3})\b")
_FORWARD = re.compile(r">|/|(?<![a-z])(?:to|into|by|with)(?![a-z])")
_BACKWARD = re.compile(
    r"(?<![a-z])(?:for|instead of|rather than|replacement of|in place of)(?![a-z])"
)
_FARTHEST = 60
# The longest variant of tmVar's train texts has 68 characters.
_LONGEST = 300
_TWO_READINGS = re.compile(r"([ACGT])(\d+)([ACGT](?:/[ACGT])*)")

_NUMBER = r"([-+*]?\d+(?:[-+]\d+)?)"
_NO_SIZE = r"(?![\d.]|[- ]?(?:bp|base|nucleotide|nt|kb|Mb|amino|residue|additional))"
_PLACES = (
    re.compile(
        rf"(codon|nt|nucleotide|base|position|acid)s?:? {_NUMBER}[a-z]*"
        rf" ?(?:-|_|/|to|and|through|through nt) ?{_NUMBER}"
    ),
    re.compile(rf"(between|at) (?:nt |nucleotides? |positions? )?{_NUMBER} and {_NUMBER}"),
    re.compile(r"(\()(\d+)[-_](\d+)\)"),
    re.compile(
        r"(codon|position|residue|nucleotide|nt|bases?|acid|aa|site|allele|at|of)"
        rf"(?:[ -](?:number|position|residue|base|the|at|for"
        rf"|of))*[ :#(]*(?:[cg]\.)?{_NUMBER}{_NO_SIZE}()"
    ),
    re.compile(rf"(the) {_NUMBER} (?:position|residue|codon|promoter)()"),
    re.compile(rf"(?i:(\b(?:{_NAMES})))[ -]?\(?{_NUMBER}\b(?! ?(?:bp|base|nucleotide))()"),
    re.compile(rf"(^){_NUMBER} (?={_NAMES})()"),
    re.compile(r"(?:^| )()([-+]\d{2,})()\b"),
    re.compile(
        rf"(?<![\w.-])()(?:[cgmn]\.|nt ?|\[)*{_NUMBER} ?()(?=[ACGT](?: ?[>/] ?| to )[ACGT]\b)"
    ),
)
_UPSTREAM = re.compile(r"(\d+) bp upstream")

_DELETED = re.compile(r"delet|delta|del\b|lack|missing|\bloss of", re.IGNORECASE)
_INSERTED = re.compile(r"insert|\bins\b|indel", re.IGNORECASE)
_REPEATED = re.compile(r"duplic|\bdup\b|repeat", re.IGNORECASE)
_SIZE = re.compile(
    rf"\b(\d+(?:\.\d+)?|{'|'.join(_COUNTS)})(?:[- ](?:additional|terminal|successive|base))*[- ]?"
    r"(bp|base[- ]?pairs?|bases?|nucleotides?|nt|kbp?|kilobases?|Mbp?|amino[- ]acids?|residues?)\b"
)
_TIMES = re.compile(r"(?<![\w-])(\d+) \(?[ACGT]+\)? repeats")
_SEQUENCE = re.compile(r"(?<![A-Za-z])([ACGT]+)(?![A-Za-z])")


def normal_form(surface: str, *, residue_changes: Collection[str] = ()) -> str | None:
    """The normal form of a variant however it is written; None where it is not understood.

    "A53T" may be a base or an amino acid; those of `residue_changes` are amino acids.
    """
    if len(surface) > _LONGEST:
        return None
    text = clean(surface)
    if text.partition("/")[0] in residue_changes and (letters := _TWO_READINGS.fullmatch(text)):
        return change("p", "SUB", letters[1], letters[2], letters[3].replace("/", ","))
    form = short_form(text) or worded_form(text)
    return form if form and any(form.split("|")[2:]) else None


def worded_form(text: str) -> str | None:
    """The normal form of a cleaned variant in words; None where it names no change that is
    understood.
    """
    deleted, inserted = _DELETED.search(text), _INSERTED.search(text)
    if deleted or inserted or _REPEATED.search(text):
        type_ = (
            "INDEL" if deleted and inserted else "DEL" if deleted else "INS" if inserted else "DUP"
        )
        return _edit(text, type_)
    return _codons(text) or _substitution(text) or _allele(text)


def _edit(text: str, type_: str) -> str | None:
    place, size = _place(text), _SIZE.search(text)
    protein = size is not None and size[2].startswith(("amino", "residue"))
    sequence = _sequence(text)
    if not sequence and size:
        sequence = _COUNTS.get(size[1], size[1]) + (
            "K" if size[2][0] == "k" else "M" if size[2][0] == "M" else ""
        )
    if (sequence == "1" and place) or (sequence.isdigit() and "_" in place):
        sequence = ""
    if not sequence and not place:
        return None
    kind = "p" if protein or (place.isdigit() and "codon" in text and not sequence) else "c"
    if "codon" in text and sequence.isalpha() and place:
        place = f"CODON{place}"
    times = _TIMES.search(text) if type_ == "DUP" else None
    return change(kind, type_, "", place, sequence) + (times[1] if times else "")


def _sequence(text: str) -> str:
    if match := _SEQUENCE.search(text):
        return match[1]
    name = re.search(rf"\b({'|'.join(NUCLEOTIDES)})\b", text, re.IGNORECASE)
    return nucleotides(name[1]) if name else ""


def _codons(text: str) -> str | None:
    match = _CODON_CHANGE.search(text)
    if not match or not (before := translate(match[1])) or not (after := translate(match[3])):
        return None
    return change("p", "SUB", before, match[2] or _place(text), after)


def _substitution(text: str) -> str | None:
    residues = list(_RESIDUE.finditer(text))
    for one, other in pairwise(residues):
        between = text[one.end() : other.start()]
        backward = _BACKWARD.search(between)
        if len(between) > _FARTHEST or not (backward or _FORWARD.search(between)):
            continue
        before, after = (other[0], one[0]) if backward else (one[0], other[0])
        return _replaced(before, after, _place(text), text)
    return None


def _replaced(before: str, after: str, place: str, text: str) -> str | None:
    named = before.lower() in AMINO_ACIDS or after.lower() in AMINO_ACIDS
    one, other = (
        (amino_acid(before), amino_acid(after))
        if named
        else (nucleotides(before), nucleotides(after))
    )
    if not one or not other:
        return None
    if one == other and not place:
        return None
    nucleic = not named and {one, other} <= set("ACGTU")
    if nucleic and "codon" in text and place:
        place = f"CODON{place}"
    return change("c" if nucleic else "p", "SUB", one, place, other)


def _allele(text: str) -> str | None:
    residue, place = _RESIDUE.search(text), _place(text)
    if not residue or not place:
        return None
    named = residue[0].lower() in AMINO_ACIDS
    letter = amino_acid(residue[0]) if named else nucleotides(residue[0])
    return change(
        "c" if letter in ("A", "C", "G", "T") and not named else "p", "Allele", "", place, letter
    )


def _place(text: str) -> str:
    if upstream := _UPSTREAM.search(text):
        return f"-{upstream[1]}"
    for pattern in _PLACES:
        if match := pattern.search(text):
            return f"{match[2]}_{match[3]}" if match[3] else match[2]
    return ""
