"""Whether a mention of an annotation file is the text it says it is."""

import re
import unicodedata

from biopipe.language.greek import GREEK_NAMES

__all__ = ["aligned_span", "check_mention"]

_DASHES = dict.fromkeys("‐‑‒–—―−﹣－", "-")
_QUOTES = dict.fromkeys("’‘ʼ′`´", "'")
# Files turn Greek letters into the Latin ones that look or sound like them, or into their names.
_LATIN = {letter: name[0] for letter, name in GREEK_NAMES.items()} | {
    "η": "e",
    "θ": "q",
    "φ": "f",
    "χ": "c",
    "ω": "o",
}
# Characters to either side in which a mention is looked for: what a few hundred double spaces before
# it shift it by.
_REACH = 300
_LEAST_SIGNS = 3
_ALL_DASHES = frozenset({"-", *_DASHES})
_ANY_DASH = f"[{re.escape(''.join(sorted(_ALL_DASHES)))}]"
_LETTERS = str.maketrans(_DASHES | _QUOTES | _LATIN | {"ß": "b", "µ": "m"})
_NAMES = str.maketrans(_DASHES | _QUOTES | GREEK_NAMES | {"ß": "beta", "µ": "mu"})
_MICRO = str.maketrans(_DASHES | _QUOTES | _LATIN | {"ß": "b", "µ": "u", "μ": "u"})


def check_mention(text: str, start: int, end: int, copy: str) -> None:
    """ValueError when `copy`, the mention as the file writes it, is not text[start:end].

    Some files trim, squeeze or re-case the copy, turn its dashes into one and spell its Greek
    letters in Latin ("TNF-a" for "TNF‑α"); the offsets are what counts.
    """
    there = text[max(start, 0) : end]
    if not 0 <= start < end <= len(text) or not _is_copy(there, copy):
        # Errors are printed and stored: they say where, and leave the words in the file.
        raise ValueError(
            f"the mention of {len(copy)} characters is not the text at {start}:{end}"[:200]
        )


def aligned_span(text: str, start: int, copy: str) -> tuple[int, int] | None:
    """Where the text has `copy` with other white space or dashes, nearest to `start`; None where it
    has it nowhere near.

    A text that was squeezed, or got longer dashes, after it was annotated has its mentions a few
    characters away. A copy of one or two signs could stand anywhere, and is not looked for.
    """
    parts = re.findall(r"[^\s]+", copy)
    # A letter or two stand anywhere within reach by chance.
    if sum(map(len, parts)) < _LEAST_SIGNS:
        return None
    first = max(0, start - _REACH)
    window = text[first : start + len(copy) + _REACH] if start >= 0 else ""
    pattern = r"\s+".join(
        "".join(_ANY_DASH if sign in _ALL_DASHES else re.escape(sign) for sign in part)
        for part in parts
    )
    places = [match.span() for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", window)]
    if not places:
        return None
    begin, end = min(places, key=lambda place: abs(first + place[0] - start))
    return first + begin, first + end


def _is_copy(there: str, copy: str) -> bool:
    if there == copy:
        return True
    # Nearly all are, and need none of the spellings below.
    if there.isascii() and copy.isascii():
        return _plain(there) == _plain(copy)
    spellings = (_LETTERS, _NAMES, _MICRO)
    # The letters may have been written as other ones, as names, or as the unit: one way for all of
    # a mention.
    return any(_spelled(there, table) == _spelled(copy, table) for table in spellings)


def _spelled(text: str, table: dict[int, str]) -> str:
    composed = unicodedata.normalize("NFKC", text.translate({0xB5: "µ"}).lower().translate(table))
    return _plain(composed.translate(table))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
