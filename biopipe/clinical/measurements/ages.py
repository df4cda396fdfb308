"""Ages as notes write them in front of a patient: "58M", "72 y/o F", "6-month-old", "45yo"."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter

from biopipe.document import Mention
from biopipe.text.span_index import SpanIndex

__all__ = ["mentions_of_ages"]

_AGE_LABEL = "Age"
_UNIT = r"(?:y(?:ea)?rs?|months?|mos?|weeks?|wks?|days?)"
_BEHIND = r"w/|w\b|with|who|p/w|s/p|h/o|admitted|present(?:ing|s)|c/o|\(|$|\n"
# A number with its unit and "old", the short forms of that, or with the sex of a patient alone.
_AGE = re.compile(
    rf"""(?<![\w.,/-])(?:
        \d{{1,3}}[ -]?{_UNIT}[ -](?:old\b|of[ ]age\b)
      | \d{{1,3}}[ -]?y(?:/o|\.o\.?|o)(?![\w/])
      | (?:1[01]\d|[1-9]?\d)(?=[ ]?(?-i:[MF])\b[ ,;:]*(?:{_BEHIND}))
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_SEX = re.compile(r" ?[MF]\b")
# What else of the patient a recogniser may have taken in with an age.
_SEX_AT_MOST = re.compile(r"(?: ?(?:[MF]|(?:fe)?male|woman|man|girl|boy))?")


def mentions_of_ages(text: str, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """The mentions with an age in the place of what a recogniser found where one is written, by
    whatever label: of "58M with chest pain" it may have a value or a disease.
    """
    ages = [(found.start(), _end(text, found)) for found in _AGE.finditer(text)]
    kept: list[Mention] = []
    best: dict[tuple[int, int], Mention] = {}
    inside: list[Mention] = []
    for mention in mentions:
        place = ages[bisect_right(ages, mention.start, key=itemgetter(0)) - 1] if ages else None
        if place is None or not (
            place[0] <= mention.start
            and _SEX_AT_MOST.fullmatch(text, place[1], max(place[1], mention.end))
        ):
            kept.append(mention)
            continue
        inside.append(mention)
        age = replace(mention, start=place[0], end=place[1], label=_AGE_LABEL)
        if place not in best or best[place].score < age.score:
            best[place] = age
    taken = SpanIndex(kept)
    free = [age for age in best.values() if not taken.touching(age.start, age.end)]
    covered = SpanIndex([*kept, *free])
    left = [m for m in inside if not covered.touching(m.start, m.end)]
    return tuple(sorted([*kept, *free, *left], key=lambda mention: (mention.start, mention.end)))


def _end(text: str, found: re.Match[str]) -> int:
    """Where an age ends: the sex is no part of it but where it is all that says so."""
    if found[0].isdigit() and (sex := _SEX.match(text, found.end())) and sex[0][0] != " ":
        return sex.end()
    return found.end()
