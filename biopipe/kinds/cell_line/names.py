"""Cell lines: names without the words around them, and the other ways to write their letters and
numbers.
"""

import re
from collections.abc import Iterator

from biopipe.document import Candidate
from biopipe.kinds.context import DocumentContext

__all__ = ["CellLineStrategy"]

_MOST_NAMES = 8
_NO_NAMES = frozenset({"cell", "cells", "line", "lines", "the"})
_AFTER = re.compile(
    r"[ -]+(?:(?:cell[ -]?)?lines?|cells?|cultures?|clones?|tumou?rs?|xenografts?|fibroblasts?|macrophages?|myoblasts?"
    r"|keratinocytes?|neurons?|hepatocytes?|adipocytes?|hybridomas?|melanomas?|carcinomas?|leuka?emias?|lymphomas?"
    r"|gliomas?|neuroblastomas?|cancer|(?:breast|lung|colon|prostate|cervical|liver|ovarian|gastric) cancer)\Z",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:the|human|mouse|murine|rat|hamster|monkey|immortali[sz]ed|transfected|transformed|cultured|parental"
    r"|wild[- ]type|wt|na[iï]ve|differentiated|confluent|stable|primary|[a-z]+(?:ma|mia|oid) (?:cell )?line"
    r"|(?:\w+ )?cancer)[ -]",
    re.IGNORECASE,
)
# What is added to a line's name when a gene or a property is put in: "HEK293-TLR4", "MCF-7/ADR",
# "U2OS (GFP)".
_MODIFIED = re.compile(r"(?:/|\s?\(|[-_ ](?=[A-Z][A-Za-z]*[a-z\d]?\b))[A-Za-z][\w+-]*\)?\Z")
_LETTERS_AND_NUMBERS = re.compile(r"[A-Za-z]+|\d+")
_SHORT_FORMS = {
    "293": "HEK293",
    "293t": "HEK293T",
    "3t3": "NIH 3T3",
    "231": "MDA-MB-231",
    "cho": "CHO",
    "hek": "HEK293",
}


class CellLineStrategy:
    """Strips "cells", tissues and what a line was changed with; writes "HEK 293" as "HEK-293" and
    "HEK293".
    """

    def names(self, surface: str, facts: DocumentContext) -> tuple[str, ...]:
        found = dict.fromkeys(_names(surface))
        found.pop(surface, None)
        return tuple(name for name in found if len(name) > 1 and name.lower() not in _NO_NAMES)[
            :_MOST_NAMES
        ]

    def concept(self, surface: str, facts: DocumentContext) -> Candidate | None:
        return None

    def types(self, facts: DocumentContext) -> tuple[str, ...] | None:
        return None


def _names(surface: str) -> Iterator[str]:
    plain = surface
    while (shorter := _BEFORE.sub("", _AFTER.sub("", plain), count=1)) != plain:
        plain = shorter
        yield plain
    yield from _spellings(plain)
    if (short := _SHORT_FORMS.get(plain.lower())) is not None:
        yield short
    if (parent := _MODIFIED.sub("", plain)) != plain:
        yield parent
        yield from _spellings(parent)


def _spellings(name: str) -> Iterator[str]:
    """The pieces of a code joined and hyphenated; names of words are left alone."""
    pieces = _LETTERS_AND_NUMBERS.findall(name)
    if any(piece.isdigit() for piece in pieces) and len(pieces) <= 5:
        yield "".join(pieces)
        yield "-".join(pieces)
