"""What a mention may be read as: its words, or the long forms that the document defines for its short forms."""

import re
from bisect import bisect_right
from collections import defaultdict

from biopipe.types import Document, Mention

__all__ = ["Readings"]

_TOKEN = re.compile(r"[^\s/]+")
_BRACKET = re.compile(r" \(([^()]*)\)")


class Readings:
    """Looks up the short forms of one document; a short form that is defined twice means its latest definition."""

    def __init__(self, document: Document) -> None:
        self._text = document.text
        self._defined: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for a in sorted(document.abbreviations, key=lambda a: a.start):
            self._defined[document.text[a.start : a.end]].append(
                (a.start, document.text[a.long_start : a.long_end])
            )

    def of(self, mention: Mention) -> tuple[str, ...]:
        """The surfaces to look up for `mention`, in order: a long form tells more than its short form."""
        surface = self._text[mention.start : mention.end]
        if not self._defined:
            return (surface,)
        expanded = _TOKEN.sub(lambda token: self._long_form(token[0], mention.start), surface)
        # "phenylalanine hydroxylase (PAH) deficiency" says one thing twice.
        single = _BRACKET.sub(lambda bracket: "" if bracket[1] in self._defined else bracket[0], surface)
        readings = (self._long_form(surface, mention.start), surface, single, expanded)
        return tuple(dict.fromkeys(readings))

    def _long_form(self, short: str, place: int) -> str:
        definitions = self._defined.get(short) or self._defined.get(short.removesuffix("s"))
        if not definitions:
            return short
        latest = bisect_right(definitions, place, key=lambda definition: definition[0])
        return definitions[max(0, latest - 1)][1]
