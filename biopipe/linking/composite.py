"""Mentions that name several concepts at once: "breast and ovarian cancer", "BRCA1/2", "hepatitis B and C"."""

import re
from collections.abc import Iterator

__all__ = ["split_composite"]

_JOINT = re.compile(r",? (?:and/or|and|or|as well as) |\s?/\s?|, | & ")
_MOST_PARTS = 6
_STEM = re.compile(r"(.*?)(\d+|[A-Z])")


def split_composite(surface: str) -> Iterator[tuple[str, ...]]:
    """Ways to read `surface` as several names, the likeliest first; none when nothing joins its words.

    The parts may be names as they stand, share their last words ("breast and ovarian cancer"), their first
    words ("hepatitis B and C"), or a stem ("BRCA1/2"). The caller keeps the first way whose parts it all knows.
    """
    parts = [part.strip() for part in _JOINT.split(surface) if part.strip()]
    if not 1 < len(parts) <= _MOST_PARTS:
        return
    yield tuple(parts)
    last = parts[-1].split()
    for words in range(1, len(last)):
        head = " ".join(last[-words:])
        yield (*(f"{part} {head}" for part in parts[:-1]), parts[-1])
    first = parts[0].split()
    for words in range(1, len(first)):
        stem = " ".join(first[:-words])
        yield (parts[0], *(f"{stem} {part}" for part in parts[1:]))
    symbol, endings = _STEM.fullmatch(parts[0]), [part.lstrip("-") for part in parts[1:]]
    if (
        symbol
        and symbol[1]
        and all(_STEM.fullmatch(each) and len(each) <= len(symbol[2]) + 1 for each in endings)
    ):
        yield (parts[0], *(symbol[1] + each for each in endings))
