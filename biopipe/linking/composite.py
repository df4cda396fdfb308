"""Mentions that name several concepts at once: "breast and ovarian cancer", "BRCA1/2", "type 1 and
2 diabetes".
"""

import re
from collections.abc import Iterator, Sequence
from itertools import product

__all__ = ["split_composite"]

_JOINT = re.compile(r",? (?:and/or|and|or|as well as) |\s?/\s?|, | & ")
# In every surface that `_JOINT` or `_RANGE` can match.
_MAY_JOIN = re.compile(r"[/,&\d]| (?:and|or|as)[ /]")
_BEFORE = re.compile(r"(?:both|either|neither|combined) ", re.IGNORECASE)
_MOST_PARTS = 10
_MOST_SHARED = 4
# How the endings of symbols that share a stem look, and the stem before such an ending.
_ENDINGS = (r"\d+", r"\d+[A-Za-z]", r"[A-Z]", r"[A-Z]\d+")
_STEMS = tuple((re.compile(ending), re.compile(rf"(.+?)({ending})")) for ending in _ENDINGS)
_RANGE = re.compile(r"(.*[A-Za-z]-?)(\d+) ?[-–] ?(\d+)")
_SHORTEST_TAIL = 5


def split_composite(surface: str) -> Iterator[tuple[str, ...]]:
    """Ways to read `surface` as several names, the likeliest first; none when nothing joins its
    words.

    The parts may be names as they stand, share their last words ("breast and ovarian cancer"),
    their first words ("hepatitis B and C"), both ("autosomal dominant and recessive X"), the end of
    a word ("hyper- and hypothyroidism"), or a stem ("BRCA1/2"). The caller keeps the first way
    whose parts it all knows.
    """
    if _MAY_JOIN.search(surface):
        yield from dict.fromkeys(_ways(_BEFORE.sub("", surface, count=1)))


def _ways(surface: str) -> Iterator[tuple[str, ...]]:
    parts = [part.strip() for part in _JOINT.split(surface) if part.strip()]
    if len(parts) == 1:
        yield from _counted(surface)
    if not 1 < len(parts) <= _MOST_PARTS:
        return
    yield from _shared_stem(parts)
    if all(len(part) > 1 and not part.isdigit() for part in parts):
        yield tuple(parts)
    if any(part.endswith("-") for part in parts[:-1]):
        yield from _shared_word_end(parts)
    yield from _shared_words(parts)


def _shared_words(parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Last words of the last part said of all, first words of the first part said of all, or both
    at once.
    """
    first, last = parts[0].split(), parts[-1].split()
    heads = [" ".join(last[-words:]) for words in range(1, len(last))][:_MOST_SHARED]
    stems = [" ".join(first[:-words]) for words in range(1, len(first))][:_MOST_SHARED]
    for head in heads:
        yield (*(f"{part} {head}" for part in parts[:-1]), parts[-1])
    for stem in stems:
        yield (parts[0], *(f"{stem} {part}" for part in parts[1:]))
    for stem, head in product(stems, heads):
        middle = (f"{stem} {part} {head}" for part in parts[1:-1])
        yield (f"{parts[0]} {head}", *middle, f"{stem} {parts[-1]}")


def _shared_stem(parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    endings = [part.lstrip("-") for part in parts[1:]]
    for ending, stem in _STEMS:
        symbol = stem.fullmatch(parts[0])
        if symbol and all(
            ending.fullmatch(tail) and len(tail) <= len(symbol[2]) + 1 for tail in endings
        ):
            yield (parts[0], *(symbol[1] + tail for tail in endings))


def _shared_word_end(parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The last part's end for those that a hyphen leaves open: after its own hyphen, or from inside
    its word.
    """
    last = parts[-1]
    places = (
        [last.index("-") + 1]
        if "-" in last
        else range(2, max(2, len(last.split()[0]) - _SHORTEST_TAIL + 1))
    )
    for place in places:
        yield tuple(
            (part if "-" in last else part[:-1]) + last[place:] if part.endswith("-") else part
            for part in parts
        )


def _counted(surface: str) -> Iterator[tuple[str, ...]]:
    """Every member of "NPHP1-9"."""
    if match := _RANGE.fullmatch(surface):
        first, last = int(match[2]), int(match[3])
        if first < last < first + _MOST_PARTS:
            yield tuple(f"{match[1]}{number}" for number in range(first, last + 1))
