"""Cell lines: names without the words around them, and the other ways to write their letters and
numbers.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from biopipe.kinds.short_forms import read_short_forms
from biopipe.language.species_words import species_words

__all__ = ["cell_line_names"]

_MOST_NAMES = 8
_NO_NAMES = frozenset({"cell", "cells", "line", "lines", "the"})
_AFTER = re.compile(
    r"[ -]+(?:(?:cell[ -]?)?lines?|cells?|cultures?|clones?|tumou?rs?|xenografts?|fibroblasts?"
    r"|macrophages?|myoblasts?"
    r"|keratinocytes?|neurons?|hepatocytes?|adipocytes?|hybridomas?|melanomas?|carcinomas?"
    r"|leuka?emias?|lymphomas?"
    r"|gliomas?|neuroblastomas?|cancer|(?:breast|lung|colon|prostate|cervical|liver|ovarian"
    r"|gastric) cancer)\Z",
    re.IGNORECASE,
)
_BEFORE = (
    r"the|immortali[sz]ed|transfected|transformed|cultured|parental|wild[- ]type|wt|na[iï]ve"
    r"|differentiated|confluent"
    r"|stable|primary|[a-z]+(?:ma|mia|oid) (?:cell )?line|(?:\w+ )?cancer"
)
# What is added to a line's name when a gene or a property is put in: "HEK293-TLR4", "MCF-7/ADR",
# "U2OS (GFP)".
_MODIFIED = re.compile(r"(?:/|\s?\(|[-_ ](?=[A-Z][A-Za-z]*[a-z\d]?\b))[A-Za-z][\w+-]*\)?\Z")
_LETTERS_AND_NUMBERS = re.compile(r"[A-Za-z]+|\d+")


# Mentions come again and again in a corpus.
@lru_cache(maxsize=4096)
def cell_line_names(surface: str) -> tuple[str, ...]:
    """At most eight other names: without "cells" and tissues, without what the line was changed
    with, and with its letters and numbers written together and with hyphens ("HEK 293").
    """
    names = dict.fromkeys(_names(surface))
    names.pop(surface, None)
    kept = [name for name in names if len(name) > 1 and name.lower() not in _NO_NAMES]
    return tuple(kept[:_MOST_NAMES])


@cache
def _before() -> re.Pattern[str]:
    species = "|".join(species_words("cell-line"))
    return re.compile(rf"(?:{species}|{_BEFORE})[ -]", re.IGNORECASE)


def _names(surface: str) -> Iterator[str]:
    plain = surface
    while (shorter := _before().sub("", _AFTER.sub("", plain), count=1)) != plain:
        plain = shorter
        yield plain
    yield from _spellings(plain)
    usual = read_short_forms("biopipe.kinds.cell_line").get(plain.upper())
    if usual is not None:
        yield usual
    if (parent := _MODIFIED.sub("", plain)) != plain:
        yield parent
        yield from _spellings(parent)


def _spellings(name: str) -> Iterator[str]:
    """The pieces of a code joined and hyphenated; names of words are left alone."""
    pieces = _LETTERS_AND_NUMBERS.findall(name)
    if any(piece.isdigit() for piece in pieces) and len(pieces) <= 5:
        yield "".join(pieces)
        yield "-".join(pieces)
