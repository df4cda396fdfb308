"""Which reference SNP number a variant of the same document has, where the text puts the two
together.
"""

import re
from collections.abc import Collection, Iterator
from itertools import pairwise

from biopipe.document import Document, Mention
from biopipe.document.labels import VARIANT
from biopipe.kinds.variant.words import normal_form
from biopipe.language.reference_snps import RS_MENTION

__all__ = ["place_of", "rs_numbers_beside"]

_OPENED = re.compile(r" ?[(\[:] ?|[,;] ?(?:also known as |i\.e\.,? |(?:db)?SNP:? ?)")
_LISTED = re.compile(r"[,;/] ?")
_SAID_OF = re.compile(r" (?:\w+ ){1,2}\(")
_DIGIT = re.compile(r"\d")


def rs_numbers_beside(document: Document, codons: Collection[int]) -> dict[str, str]:
    """The "rs" number of each place (`place_of`) that has one in a neighbouring mention.

    Neighbours are "rs1799983 (894G>T)", "894G>T (p.Glu298Asp, rs1799983)", "-1021T allele
    (rs1611115)". A document that knows one number and one place on each kind of sequence speaks of
    one variant throughout.
    """
    mentions = sorted((m for m in document.mentions if m.label == VARIANT), key=lambda m: m.start)
    surfaces = [document.text[mention.start : mention.end] for mention in mentions]
    numbers = [RS_MENTION.fullmatch(surface) for surface in surfaces]
    if not any(numbers):
        return {}
    places = [place_of(normal_form(surface, codons=codons)) for surface in surfaces]
    by_place: dict[str, str] = {}
    for i, j in _neighbours(document.text, mentions):
        one, other = numbers[i] or numbers[j], places[j] if numbers[i] else places[i]
        if one and other and not (numbers[i] and numbers[j]):
            by_place.setdefault(other, f"rs{one[1]}")
    return by_place | _only(numbers, places)


def place_of(form: str | None) -> str:
    """What tells a variant in normal form from others of its text: its place ("c894"), else all of
    it.
    """
    fields = (form or "").split("|")
    if len(fields) < 4:
        return form or ""
    place = fields[3] if fields[1] in ("SUB", "FS", "Allele") else fields[2]
    return ("p" if fields[0] == "p" else "c") + place if _DIGIT.search(place) else form or ""


def _neighbours(text: str, mentions: list[Mention]) -> Iterator[tuple[int, int]]:
    for i, (one, other) in enumerate(pairwise(mentions)):
        gap = text[one.end : other.start]
        if _OPENED.fullmatch(gap) or _SAID_OF.fullmatch(gap):
            yield i, i + 1
            if i + 2 < len(mentions) and _LISTED.fullmatch(text[other.end : mentions[i + 2].start]):
                yield i, i + 2


def _only(numbers: list[re.Match[str] | None], places: list[str]) -> dict[str, str]:
    distinct_numbers = {number[1] for number in numbers if number}
    distinct = {place for place in places if place and "|" not in place}
    if len(distinct_numbers) != 1 or len({place[0] for place in distinct}) != len(distinct):
        return {}
    return {place: f"rs{number}" for number in distinct_numbers for place in distinct}
