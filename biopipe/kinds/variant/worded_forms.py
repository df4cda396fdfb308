"""How variants are written in words with a place: "arginine to tryptophan at codon 198".

Only what says both letters and the place is found here, so that it needs no other sign ("a G to A
substitution" may be any). Texts are given as they are typed (`biopipe.text.typography`).
"""

import re
from collections.abc import Iterator

from biopipe.language.residues import AMINO_ACIDS, NUCLEOTIDES, RESIDUES

__all__ = ["worded_forms"]

_LONG_NAMES = "|".join(sorted((n for n in AMINO_ACIDS if len(n) > 4), key=len, reverse=True))
_CODES = "|".join(sorted(n for n in AMINO_ACIDS if len(n) == 3))
_RESIDUE = rf"(?:{_LONG_NAMES}|(?:{_CODES})(?![a-z]))"
_BASE = rf"(?:{'|'.join(NUCLEOTIDES)}|(?-i:[ACGT])(?![a-z]))"
_LETTER = f"[{RESIDUES}]"
_BRACKET = r"(?: \([A-Za-z]{1,4}\))?"
_NOUN = (
    r"(?: (?:(?:missense|amino[- ]acid|nucleotide|base|point) )?"
    r"(?:substitutions?|changes?|exchanges?|mutations?|replacements?|transitions?|transversions?))?"
)
_WHERE = (
    r"(?:(?:amino[- ]acid|nucleotide|nt|cDNA|base|codon)s?(?: (?:position|residue|number|pair)s?)?"
    r"|(?:position|residue|number)s?)"
)
_UNIT = r"(?:°|%|[-–]?[CK]\b|[mkunµμ]?[glM]\b|years?|months?|weeks?|days?|hours?|h\b|min|degrees?)"
_PLACE = (
    rf",? (?:(?:at|in|of) (?:the )?{_WHERE} |at (?:the )?)[-+]?\d{{1,5}}"
    rf"(?![\w%'′]|\.\d| ?{_UNIT})"
)
_LINK = (
    r"(?:[- ]to[- ]|[- ]for[- ]| (?:by|with|instead of) | ?-{0,3}> ?| ?[→⟶⇒] ?)(?:(?:an?|the) )?"
)
_REPLACED = (
    r"(?: (?:is|was|being|has been) (?:replaced|substituted|changed) (?:by|with|to|into)| to)"
)


def _at_place(letter: str) -> str:
    return rf"{letter}{_BRACKET}(?: residue)?{_LINK}{letter}{_BRACKET}(?: residue)?{_NOUN}{_PLACE}"


_WORDED_FORM = re.compile(
    "|".join(
        (
            rf"(?<![\w-])(?:{_at_place(_RESIDUE)}|{_at_place(_BASE)})",
            # "serine 55 to phenylalanine", "valine-539-aspartic acid".
            rf"(?<![\w-])(?:{_LONG_NAMES})[- ]?\(?\d{{1,4}}\)?(?:[- ]to[- ]|[- ]|-{{0,3}}> ?)"
            rf"(?:{_LONG_NAMES})(?![\w]|[- ]\d)",
            # "arginine 117 by histidine", "Arg at position 506 is replaced by Gln".
            rf"(?<![\w-])(?:{_LONG_NAMES})[- ]?\(?\d{{1,4}}\)?(?: (?:by|with)|{_REPLACED})"
            rf" (?:an? )?(?:{_LONG_NAMES})(?![\w]|[- ]\d)",
            rf"(?<![\w-]){_RESIDUE}{_BRACKET}{_PLACE}{_REPLACED} (?:an? )?{_RESIDUE}(?![\w]|[- ]\d)",
            # "codon 12 (GGT to GAT)", "GGT to GAT at codon 12", "codon 72 Arg/Pro".
            r"(?<![\w-])codon \d{1,4},? \(?(?-i:[ACGTU]{3}) ?(?:to|>|-{1,3}>?|→) ?"
            r"(?-i:[ACGTU]{3})\b\)?",
            r"(?<![\w-])(?-i:[ACGTU]{3}) ?(?:to|>|-{1,3}>|→) ?(?-i:[ACGTU]{3})"
            rf"{_NOUN} (?:at|in|of) codon \d{{1,4}}\b",
            rf"(?<![\w-])codon \d{{1,4}},? \(?(?:{_CODES}) ?(?:/|-{{0,3}}>) ?(?:{_CODES})\b\)?",
            rf"(?<![\w-])codon \d{{1,4}},? \(?(?-i:{_LETTER}/{_LETTER})\b\)?",
            rf"(?<![\w-])(?:{_CODES})/(?:{_CODES}){_NOUN} (?:at|of) codon \d{{1,4}}\b",
        )
    ),
    re.IGNORECASE,
)  # What one of the forms has before its number, or the name of a residue that has one.
_HINT = re.compile(
    r"[Cc]odons? |(?:position|residue|nucleotide|acid|base|pair|number|nt)s? [-+]?\d| at (?:the )?[-+]?\d"
    r"|(?:ine|acid|mate|tate)[- ]?\(?\d"
)
_NUMBER = re.compile(r"\d+")
# How what a hint has before its number ends, and how long that is at most.
_BEFORE_NUMBER = frozenset(
    ending[-2:]
    for word in [
        "position",
        "residue",
        "nucleotide",
        "acid",
        "base",
        "pair",
        "number",
        "nt",
        "at",
        "the",
    ]
    for ending in (f"{word} ", f"{word}s ", f"{word} -", f"{word} +")
) | frozenset(
    f"{word}{sign}"[-2:]
    for word in ("ine", "acid", "mate")
    for sign in ("", " ", "-", "(", " (", "-(")
)
_LONGEST_HINT = 16
_BEFORE_HINT, _BEHIND_HINT = 110, 90


def worded_forms(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each change of a residue or a base that stands with its place, in words.

    Only the words around a place are read, which takes a fifth of the time of reading all.
    """
    end = 0
    for hint in _hints(text):
        if hint.start() < end:
            continue
        first = max(end, hint.start() - _BEFORE_HINT)
        last = text.find(" ", hint.end() + _BEHIND_HINT)
        for match in _WORDED_FORM.finditer(text, first, last if last >= 0 else len(text)):
            yield match.span()
            end = match.end()


def _hints(text: str) -> Iterator[re.Match[str]]:
    """The matches of `_HINT` in order. Most numbers have nothing of it before them, which two signs
    tell in a fraction of the time of the search.
    """
    if "odon" in text:
        yield from _HINT.finditer(text)
        return
    end = 0
    for number in _NUMBER.finditer(text):
        first = number.start()
        if text[max(0, first - 2) : first] in _BEFORE_NUMBER:
            hint = _HINT.search(text, max(end, first - _LONGEST_HINT), first + 1)
            if hint is not None:
                yield hint
                end = hint.end()
