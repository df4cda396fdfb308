"""Symbols that name what they stand for in another order or by other letters than its words.

A quantity's symbol begins with the letter of the quantity and goes on with that of the thing: "INa"
is a sodium current, "Tb" a body temperature, "Kd" a dissociation constant. Others have an index
behind ("QTc", "pHi") or a number before that the name ends with ("L1CAM"). Substances have symbols
by convention alone ("5-HT").
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from biopipe.language.tables import read_table
from biopipe.text.alignment import align_letters

__all__ = ["align_symbol", "align_turned", "substance_start"]

# The quantities of each letter, as IUPAP's red book and the literature of physiology use them.
_QUANTITIES = {
    "C": ("capacitance", "clearance", "compliance", "concentration"),
    "D": ("constant", "diffusivity"),
    "E": ("elastance", "potential"),
    "G": ("conductance",),
    "I": ("current",),
    "K": ("constant",),
    "P": ("permeability", "potential", "pressure"),
    "Q": ("flow",),
    "R": ("resistance",),
    "T": ("temperature",),
    "V": ("potential", "voltage", "volume"),
}
_QUANTITY = re.compile(r"(?P<letter>[A-Zgk])(?P<index>(?:[A-Z]?[a-z]{1,3}|[A-Z])\d?)")
_NOUN = re.compile(r"(?P<noun>[a-z]+?)s?\Z", re.IGNORECASE)
_INDEXED = re.compile(r"(?P<head>[A-Za-z]*[A-Z])(?P<index>[a-z])")
_NUMBERED = re.compile(r"(?P<number>[A-Z]{1,2}\d{1,2})-?(?P<head>[A-Z]{2,6})")
_TWO_LETTERS = re.compile(r"[A-Z]{2}")
_VARIETY = re.compile(r"(?P<head>[A-Z]{3,6})-(?:[A-Z]|\d|I{1,3})")
# Nearly all letters at the beginnings of words.
_LEAST_TURNED, _ALL_AT_WORD_STARTS = 2.1, 3.0


def align_symbol(short: str, region: str) -> tuple[int, float] | None:
    """Where in `region` the long form begins that a quantity's symbol stands for, and what it earns
    per letter; None for other short forms, and where the region does not end with the quantity.
    """
    # Few short forms are such symbols, and the search reads all of the region.
    match = _QUANTITY.fullmatch(short)
    noun = match and _NOUN.search(region)
    if match is None or noun is None:
        return None
    quantity = noun["noun"].lower()
    if quantity not in _QUANTITIES.get(match["letter"].upper(), ()):
        return None
    index = "".join(c for c in match["index"] if not c.isdigit())
    aligned = align_letters(index + quantity[0], region)
    if aligned is None or aligned[1] < _LEAST_TURNED or aligned[0] == noun.start():
        return None
    return aligned


def align_turned(short: str, region: str) -> tuple[int, float] | None:
    """Where in `region` the long form begins whose words have the letters of `short` in another
    order, or all but what names a variety of it ("IAA-B"), and what it earns per letter.
    """
    for letters, least in _turned(short):
        aligned = align_letters(letters, region)
        if aligned is not None and aligned[1] >= least:
            return aligned
    return None


def _turned(short: str) -> Iterator[tuple[str, float]]:
    if match := _INDEXED.fullmatch(short):
        yield match["index"] + match["head"], _LEAST_TURNED
    if match := _NUMBERED.fullmatch(short):
        yield match["head"] + match["number"], _LEAST_TURNED
    if _TWO_LETTERS.fullmatch(short):
        yield short[::-1], _ALL_AT_WORD_STARTS
    if match := _VARIETY.fullmatch(short):
        yield match["head"], _ALL_AT_WORD_STARTS


def substance_start(short: str, region: str) -> int | None:
    """Where the name begins that `region` ends with and that `short` is the usual symbol of."""
    lowered = region.lower()
    for name in _substances().get(short, ()):
        start = len(region) - len(name)
        if lowered.endswith(name) and not lowered[:start][-1:].isalpha():
            return start
    return None


@cache
def _substances() -> dict[str, list[str]]:
    names: dict[str, list[str]] = defaultdict(list)
    for symbol, name, *_ in read_table("biopipe.language", "substance_symbols.tsv"):
        names[symbol].append(name)
    return dict(names)
