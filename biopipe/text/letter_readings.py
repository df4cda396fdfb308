"""What letters of short forms stand for beyond the letters of English words.

Greek letters by sign, name or the Latin letter that begins the name ("TNF-α", "IFN-gamma", "GABA"),
symbols of elements that come of Latin and ions ("KCl", "NaHCO3"), and two of medicine ("OVX",
"oestradiol (E2)"). A reading of a text has its length, so that places in one are places in the
other.
"""

import re
from collections.abc import Iterator

from biopipe.language.elements import ION_LETTERS, LATIN_SYMBOLS
from biopipe.language.greek import DISTINCT_GREEK_NAMES, GREEK_NAMES

__all__ = ["region_readings", "short_form_readings"]

_SIGNS = GREEK_NAMES | {"ϵ": "epsilon", "ϕ": "phi", "ς": "sigma", "µ": "mu", "ß": "beta"}
_FIRST_LETTERS = str.maketrans({sign: name[0] for sign, name in _SIGNS.items()})
_ANY_SIGN = re.compile(f"[{''.join(_SIGNS)}]")
_NAMES = "|".join(DISTINCT_GREEK_NAMES)
_NAME = re.compile(rf"(?:{_NAMES})")
# A name of a letter in a short form: "IFN-gamma", "TNFalpha", "5alpha-red".
_NAME_INSIDE = re.compile(rf"(?<![a-z])(?:{_NAMES})(?![a-z])|(?<=[A-Z])(?:{_NAMES})\b")
_LATIN = re.compile(rf"\b(?:{'|'.join(LATIN_SYMBOLS)})\b")
_GROUP = re.compile("|".join(sorted(ION_LETTERS, key=len, reverse=True)))
# "ovariectomized" is OVX, "oestradiol" is E2.
_REMOVED = re.compile(r"ectom(?=i|y)")
_DIGRAPH = re.compile(r"\b(?:oe|ae)(?=[a-z]{3})")
# Belongs to the word, and stands for no letter of a short form.
_NOTHING = "\N{FEMININE ORDINAL INDICATOR}"


def region_readings(region: str) -> Iterator[str]:
    """The text in lower case, as it stands and then with one letter for what may be one; nothing for
    a text that gets longer in lower case.
    """
    lowered = region.lower()
    if len(lowered) != len(region):
        return
    plain = lowered.translate(_FIRST_LETTERS)
    yield plain
    read = _LATIN.sub(lambda word: _padded(LATIN_SYMBOLS[word[0]].lower(), word), plain)
    read = _REMOVED.sub(lambda word: _padded("x", word), read)
    read = _DIGRAPH.sub(lambda word: _padded("e", word), read)
    if read != plain:
        yield read


def short_form_readings(short: str) -> Iterator[str]:
    """The letters of a short form that its long form is asked for, the strictest reading first: with
    its digits, without them, with Greek letters as the first letters of their names, and with the
    last Greek letter first ("IFN-gamma" of "gamma-interferon").
    """
    # A number is often absent from the long form (T3, IP3, FEV1).
    yield from _with_and_without_digits(short)
    if _GROUP.search(short):
        yield from _with_and_without_digits(_GROUP.sub(lambda group: ION_LETTERS[group[0]], short))
    if not short.isascii() or _NAME_INSIDE.search(short):
        greek = _NAME_INSIDE.sub(lambda name: name[0][0], short)
        greek = greek.translate(_FIRST_LETTERS) if _ANY_SIGN.search(greek) else greek
        if greek != short:
            yield from _with_and_without_digits(greek)
            yield greek[-1] + greek[:-1]


def _with_and_without_digits(short: str) -> Iterator[str]:
    yield short
    letters = "".join(character for character in short if not character.isdigit())
    if letters != short:
        yield letters


def _padded(letters: str, word: re.Match[str]) -> str:
    return letters.ljust(len(word[0]), _NOTHING)
