"""What a mention may be read as: its words, or the long forms of its short forms, the document's or
the usual ones.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from biopipe.document import Document, Mention

__all__ = ["Readings"]

_TOKEN = re.compile(r"[^\s/]+")
_BRACKET = re.compile(r" \(([^()]*)\)")
_SHORT_FORM = re.compile(r"[A-Z]{2,6}")
_WORD = re.compile(r"[^\W\d_]+")
_ALIKE = {"Phenotype": "Disease"}
_SMALL_WORDS = frozenset({"and", "for", "in", "of", "the", "to", "with"})


class Readings:
    """Looks up the short forms of one document; a short form that is defined twice means its latest
    definition.
    """

    def __init__(self, document: Document) -> None:
        self._text = document.text
        self._defined: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for a in sorted(document.abbreviations or (), key=lambda a: a.start):
            self._defined[document.text[a.start : a.end]].append(
                (a.start, document.text[a.long_start : a.long_end])
            )

        # Short forms that the text uses and never defines, by their letters: "DM" where it says
        # "myotonic dystrophy".
        self._initials: dict[tuple[str, str], str] = {}
        for mention in document.mentions:
            surface = document.text[mention.start : mention.end]
            words = [word for word in _WORD.findall(surface) if word.lower() not in _SMALL_WORDS]
            if len(words) > 1:
                self._initials.setdefault(
                    (mention.label, _sorted(word[0] for word in words)), surface
                )

    def of(self, mention: Mention) -> tuple[str, ...]:
        """The surfaces to look up for `mention`, in order: a long form tells more than its short
        form.
        """
        surface = self._text[mention.start : mention.end]
        if _SHORT_FORM.fullmatch(surface) and surface not in self._defined:
            inferred = self._initials.get((mention.label, _sorted(surface)))
            if inferred is not None:
                return inferred, surface
        if not self._defined:
            return tuple(dict.fromkeys((surface, _usual(surface, mention.label, ()))))
        expanded = _TOKEN.sub(lambda token: self._long_form(token[0], mention.start), surface)
        # "phenylalanine hydroxylase (PAH) deficiency" says one thing twice.
        single = _BRACKET.sub(
            lambda bracket: "" if bracket[1] in self._defined else bracket[0], surface
        )
        readings = (
            self._long_form(surface, mention.start),
            surface,
            single,
            _usual(expanded, mention.label, self._defined),
        )
        return tuple(dict.fromkeys(readings))

    def _long_form(self, short: str, place: int) -> str:
        definitions = self._defined.get(short) or self._defined.get(short.removesuffix("s"))
        if not definitions:
            return short
        latest = bisect_right(definitions, place, key=lambda definition: definition[0])
        return definitions[max(0, latest - 1)][1]


def _usual(surface: str, label: str, defined: Iterable[str]) -> str:
    """The surface with short forms that clinicians never define written out: "severe HTN" to
    "severe hypertension".
    """
    known = _usual_forms(_ALIKE.get(label, label))
    if surface not in defined and surface.upper() in known:
        return known[surface.upper()]
    # Within a name only in capitals: "all cancers" are no leukemias.
    return _TOKEN.sub(lambda t: t[0] if t[0] in defined else known.get(t[0], t[0]), surface)


@cache
def _usual_forms(label: str) -> dict[str, str]:
    """Long forms by short form in capitals: what nearly every clinical note or abstract means by
    it.

    Our own list, of forms that stand for one disease or drug wherever a mention of that label is
    found.
    """
    lines = (
        files("biopipe.linking")
        .joinpath("short_forms.tsv")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    rows = (line.split("\t") for line in lines)
    return {short: long for short, of, long in rows if of == label}


def _sorted(letters: Iterable[str]) -> str:
    return "".join(sorted(letter.upper() for letter in letters))
