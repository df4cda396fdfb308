"""What a mention may be read as: its words, or the long forms of its short forms, the document's or
the usual ones.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache

from biopipe.document import Document, Mention
from biopipe.kinds.registry import ENTITY_KINDS

__all__ = ["SurfaceForms"]

_TOKEN = re.compile(r"[^\s/]+")
_BRACKET = re.compile(r" \(([^()]*)\)")
_SHORT_FORM = re.compile(r"[A-Z]{2,6}")
# A member of what a short form stands for: "PAR-1", "ERα".
_MEMBER = re.compile(r"(.*[^\W\d_])[ -]?(\d{1,2}[A-Za-z]?|[α-ω])")
_SIGNS_OF_CODES = 4  # fewer letters and digits often have several meanings
_DEFINING_MEMBER = re.compile(r".* \(([^()]+)\)([ -]?[^\W_]{1,5})")
_WORD = re.compile(r"[^\W\d_]+")
# Words that lend no letter to a short form.
_SMALL_WORDS = frozenset({"and", "for", "in", "of", "the", "to", "with"})


class SurfaceForms:
    """The surface forms of the mentions of one document, by what it abbreviates. A short form and
    its long form have the same, so that they are one concept.

    `depend_on_place` says that a short form is defined more than once, so that it means its latest
    definition; without that, mentions with equal words and labels have equal surface forms.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        text = document.text
        self._defined: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for a in sorted(document.abbreviations or (), key=lambda a: a.start):
            self._defined[text[a.start : a.end]].append((a.start, text[a.long_start : a.long_end]))
        self._defined_forms = frozenset(self._defined)
        # What a text defines as one is one: "fascin 1 (FSCN1)".
        self._short_forms = {
            definitions[0][1]: short
            for short, definitions in self._defined.items()
            if len(definitions) == 1
        }
        self.depend_on_place = any(len(places) > 1 for places in self._defined.values())

    def of(self, mention: Mention) -> tuple[str, ...]:
        """The forms to look up for `mention`, the most telling first: a long form tells more than
        its short form.
        """
        surface = self._document.text[mention.start : mention.end]
        if mention.long_form:
            return mention.long_form, surface
        defined = self._defined
        if surface.isupper() and surface not in defined and _SHORT_FORM.fullmatch(surface):
            inferred = self._by_initials.get((mention.label, _sorted_letters(surface)))
            if inferred is not None:
                return inferred, surface
        if surface in self._short_forms:
            return surface, self._short_forms[surface]
        if defined and (member := self._member(mention, surface)):
            return member, surface
        if not (defined and self._defines_part(surface)):
            usual = _usual(surface, mention.label)
            return (surface,) if usual == surface else (surface, usual)
        expanded = _TOKEN.sub(lambda token: self._long_form(token[0], mention.start), surface)
        # "phenylalanine hydroxylase (PAH) deficiency" says one thing twice.
        single = _BRACKET.sub(
            lambda bracket: "" if bracket[1] in self._defined else bracket[0], surface
        )
        forms = (
            self._long_form(surface, mention.start),
            surface,
            single,
            self._short_member(surface) or surface,
            _usual(expanded, mention.label, self._defined_forms),
        )
        return tuple(dict.fromkeys(forms))

    def _defines_part(self, surface: str) -> bool:
        """Whether the text defines a short form that is, or is written within, `surface`."""
        defined = self._defined
        return (
            surface in defined
            or surface.removesuffix("s") in defined
            or "(" in surface
            or not defined.keys().isdisjoint(_singular_tokens(surface))
        )

    @cached_property
    def _by_initials(self) -> dict[tuple[str, str], str]:
        """Mentions of several words by label and sorted initials: "DM" is not defined where a text
        says "myotonic dystrophy".
        """
        text = self._document.text
        by_initials: dict[tuple[str, str], str] = {}
        mentions = {(m.label, text[m.start : m.end]): None for m in self._document.mentions}
        for label, surface in mentions:
            # A member with its number is not what a name without it is short for.
            if surface.isalpha() or surface[-1].isdigit():
                continue
            words = [word for word in _WORD.findall(surface) if word.lower() not in _SMALL_WORDS]
            if len(words) > 1:
                initials = _sorted_letters(word[0] for word in words)
                by_initials.setdefault((label, initials), surface)
        return by_initials

    def _member(self, mention: Mention, surface: str) -> str:
        """The long form of a member whose class alone the text defines: "protease-activated receptors
        1" of PAR1 where PARs are these.

        "" for what is no such member, and where the text has no mention of the class as something of
        its kind: of codes of three signs (ERα where ER is the endoplasmic reticulum), and of all where
        it mentions the class as something else.
        """
        match = None if surface in self._defined else _MEMBER.fullmatch(surface)
        if match is None:
            return ""
        plural = f"{match[1]}s"
        short = next((short for short in (match[1], plural) if short in self._defined), None)
        if short is None:
            return ""
        long_form = self._long_form(short, mention.start)
        labels = {self._labels.get(name) for name in (match[1], plural, long_form)} - {None}
        is_short = sum(map(str.isalnum, surface)) < _SIGNS_OF_CODES
        if mention.label not in labels and (labels or is_short):
            return ""
        return f"{long_form} {match[2]}"

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        """The label of the last mention with some words, by these."""
        text = self._document.text
        return {text[m.start : m.end]: m.label for m in self._document.mentions}

    def _short_member(self, surface: str) -> str:
        """The member by the short form that is defined within its name: "KIM-1" of "kidney injury
        molecule (KIM)-1"; "" for what is no such name.
        """
        match = _DEFINING_MEMBER.fullmatch(surface)
        return f"{match[1]}{match[2]}" if match and match[1] in self._defined else ""

    def _long_form(self, short: str, place: int) -> str:
        definitions = self._defined.get(short) or self._defined.get(short.removesuffix("s"))
        if not definitions:
            return short
        latest = bisect_right(definitions, place, key=lambda definition: definition[0])
        return definitions[max(0, latest - 1)][1]


@lru_cache(maxsize=1 << 13)
def _singular_tokens(surface: str) -> frozenset[str]:
    """The words of a surface, also without a final s."""
    tokens = _TOKEN.findall(surface)
    return frozenset([*tokens, *(token.removesuffix("s") for token in tokens)])


@lru_cache(maxsize=1 << 13)
def _usual(surface: str, label: str, defined: frozenset[str] = frozenset()) -> str:
    """The surface with short forms that clinicians never define written out: "severe HTN" to
    "severe hypertension".
    """
    kind = ENTITY_KINDS.get(label)
    if kind is None or kind.short_forms is None:
        return surface
    long_forms = kind.short_forms()
    if surface not in defined and surface.upper() in long_forms:
        return long_forms[surface.upper()]
    # Within a name only in capitals: "all cancers" are no leukemias.
    return _TOKEN.sub(lambda t: t[0] if t[0] in defined else long_forms.get(t[0], t[0]), surface)


def _sorted_letters(letters: Iterable[str]) -> str:
    return "".join(sorted(letter.upper() for letter in letters))
