"""Mentions whose edges a knowledge base can tell: two names of a list that were read as one, a name
that was read as two, a date after a name, words that say the thing is absent, or how bad it is, and
a part of a name.

A tagger takes a line break for a space, and a year after a name for the end of it ("coronavirus
disease 2019" has one). What the whole of such a mention is no name of, and a part of it is, is
meant by that part.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from operator import itemgetter

from biopipe.document import Mention
from biopipe.document.labels import SPECIES

__all__ = ["FindNames", "join_known_names", "part_known_names", "whole_known_names"]

FindNames = Callable[[str, str], Sequence[tuple[int, int]]]
"""Gives the spans of the names of a label in a text, in any order; "absence of insulin" is a
disease, and insulin is none."""

_BREAK = re.compile(r"[ \t]*\r?\n\s*")
_YEAR = re.compile(r",?\s+(?:19|20)\d\d\Z")
_ABSENCE = re.compile(r"(?:absence|lack) of (?:any )?", re.IGNORECASE)
# Of diseases in the train parts of NCBI Disease, BC5CDR and BioRED that such a word goes before it is
# outside of 258 and inside of 10 whose names lack it; "acute" and "chronic" tell diseases apart.
_GRADE = re.compile(
    r"(?:(?:severe|mild|moderate|refractory|persistent|symptomatic|fatal|recurrent|advanced"
    r"|life-threatening|suspected)(?: to | or | and |, |/|-to-| ))+",
    re.IGNORECASE,
)
_BEFORE = (_ABSENCE, _GRADE)
_FIRST_LETTERS = frozenset("aAlLsSmMrRpPfF")
_FIRST_WORD = re.compile(r"\S{1,40}")
# Nobody wraps text at less: a line that ends before, with room for the next word, ends on purpose.
_NARROWEST = 60


def whole_known_names(
    text: str,
    mentions: Sequence[Mention],
    names: Mapping[str, Sequence[tuple[int, int]]],
    find_names: FindNames,
) -> list[Mention]:
    """The mentions in their order, a part of a name ("supranuclear palsy") as the name around it
    where that runs into no other mention; `names` are those of each label in the text, in order and
    apart.

    A mention that is a name itself stays, as does one of a species: people and animals are named
    together with what sets them apart ("pregnant women"), and annotated without.
    """
    whole = list(mentions)
    for number, mention in enumerate(mentions):
        spans = names.get(mention.label, ()) if mention.label != SPECIES else ()
        place = bisect_right(spans, mention.start, key=itemgetter(0)) - 1
        if place < 0 or spans[place][1] < mention.end or _span(mention) == spans[place]:
            continue
        start, end = spans[place]
        surface, name = text[mention.start : mention.end], text[start:end]
        # "(3)H-leucine" is found as "3)H-leucine".
        if name.count("(") != name.count(")"):
            continue
        if (0, len(surface)) not in find_names(surface, mention.label) and not any(
            other.start < end and start < other.end for other in whole if other is not mention
        ):
            whole[number] = replace(mention, start=start, end=end)
    return whole


def join_known_names(
    text: str, mentions: Sequence[Mention], names: Mapping[str, Sequence[tuple[int, int]]]
) -> list[Mention]:
    """The mentions in their order, neighbours that make up a name together ("iron deficiency"
    "anaemia") as one with the lower score, whatever each is; `names` as in `whole_known_names`.

    Of 181 such names in five training corpora annotators took six for two.
    """
    joined: list[Mention] = []
    for mention in mentions:
        joined.append(mention)
        span = _name_that_ends_with(mention, names)
        first = len(joined) - 1
        while span and joined[first].start > span[0] and first and _touch(text, joined, first):
            first -= 1
        parts = joined[first:]
        if span and len(parts) > 1 and parts[0].start == span[0]:
            least = min(part.score for part in parts)
            joined[first:] = [replace(parts[0], end=mention.end, score=least)]
    return joined


def _name_that_ends_with(
    mention: Mention, names: Mapping[str, Sequence[tuple[int, int]]]
) -> tuple[int, int] | None:
    """The name of the mention's label that ends where it does."""
    spans = names.get(mention.label, ()) if mention.label != SPECIES else ()
    place = bisect_right(spans, mention.start, key=itemgetter(0)) - 1
    return spans[place] if place >= 0 and spans[place][1] == mention.end else None


def _touch(text: str, mentions: Sequence[Mention], place: int) -> bool:
    """Whether a mention and the one before it have one label, and nothing but a space between."""
    one, other = mentions[place - 1], mentions[place]
    gap = text[one.end : other.start]
    return one.label == other.label and one.end < other.start and not gap.strip(" ")


def _span(mention: Mention) -> tuple[int, int]:
    return mention.start, mention.end


def part_known_names(
    text: str, mentions: Sequence[Mention], find_names: FindNames
) -> list[Mention]:
    """The mentions in their order, those of several names, or of a name and more, in parts.

    Only a mention with a line break, a year at its end, or "absence of" or "severe" at its beginning
    is looked up, and one that is a name as a whole stays as it is.
    """
    parted: list[Mention] = []
    for mention in mentions:
        surface = text[mention.start : mention.end]
        if not _may_have_parts(surface):
            parted.append(mention)
            continue
        names = frozenset(find_names(surface, mention.label))
        spans = (
            [(0, len(surface))]
            if (0, len(surface)) in names
            else _parts(text, mention.start, surface, names)
        )
        parted += [
            replace(mention, start=mention.start + start, end=mention.start + end)
            for start, end in spans
        ]
    return parted


def _may_have_parts(surface: str) -> bool:
    """Whether a mention has a line break, a year at its end, or words before what it names."""
    # Nearly all have none, which single signs tell in a fraction of the time of a search.
    return (
        "\n" in surface
        or (surface[-1:].isdecimal() and _YEAR.search(surface) is not None)
        or (
            surface[:1] in _FIRST_LETTERS
            and any(words.match(surface) is not None for words in _BEFORE)
        )
    )


def _parts(
    text: str, offset: int, surface: str, names: frozenset[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Spans of `surface`, which is at `offset` of the text."""
    cuts = [
        (gap.start(), gap.end())
        for gap in _BREAK.finditer(surface)
        if _ends_on_purpose(text, offset + gap.start(), offset + gap.end())
        and any(end == gap.start() for _, end in names)
        and any(start == gap.end() for start, _ in names)
    ]
    for (_, start), (end, _) in pairwise([(0, 0), *cuts, (len(surface), len(surface))]):
        yield _without_words_beside(surface, start, end, names)


def _ends_on_purpose(text: str, end: int, following: int) -> bool:
    """Whether the first word of the next line had room on the line that ends here."""
    word = _FIRST_WORD.match(text, following)
    line = text.rfind("\n", 0, end) + 1
    return word is not None and end - line + 1 + len(word[0]) <= _NARROWEST


def _without_words_beside(
    surface: str, start: int, end: int, names: frozenset[tuple[int, int]]
) -> tuple[int, int]:
    """The part without a year after a name, and without "absence of" or "severe" before one."""
    if (year := _YEAR.search(surface, start, end)) and any(
        name_end == year.start() for _, name_end in names
    ):
        end = year.start()
    for before in _BEFORE:
        words = before.match(surface, start, end)
        if words is not None and (words.end(), end) in names:
            start = words.end()
    return start, end
