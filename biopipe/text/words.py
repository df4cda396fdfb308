"""The words of a text as `normalize_name` sees them, each with its place in the text."""

import re
from dataclasses import dataclass
from functools import lru_cache

from biopipe.text.normalize import PIECES, POSSESSIVE, fold
from biopipe.text.spelling import one_spelling

__all__ = ["NormalizedWords", "words_of"]

_CHUNK = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class NormalizedWords:
    """Runs of letters or of digits: `forms` in one spelling, and their spans `[starts[i], ends[i])`
    in the text.
    """

    forms: list[str]
    starts: list[int]
    ends: list[int]

    def __len__(self) -> int:
        return len(self.forms)


def words_of(text: str) -> NormalizedWords:
    """The words of `text`; those of a part of it, through `simplify`, are the normal form of that
    part.

    A possessive 's is no word; a Greek letter is one of its own.
    """
    words = NormalizedWords([], [], [])
    for chunk in _CHUNK.finditer(text):
        place = chunk.start()
        for start, end, form in _words_of_chunk(chunk[0]):
            words.forms.append(form)
            words.starts.append(place + start)
            words.ends.append(place + end)
    return words


@lru_cache(maxsize=1 << 16)
def _words_of_chunk(chunk: str) -> tuple[tuple[int, int, str], ...]:
    """(start, end, form) of the words in a text without spaces."""
    if chunk.isascii() and "&" not in chunk:
        folded, places = chunk.lower(), None
    else:
        folded, places = _folded(chunk)
    if "'" in folded:
        folded = POSSESSIVE.sub(lambda match: " " * len(match[0]), folded)
    words = []
    for piece in PIECES.finditer(folded):
        form = one_spelling(piece[0]) if piece[0].isalpha() else piece[0]
        if places is None:
            words.append((piece.start(), piece.end(), form))
        else:
            # An accent that stands behind its letter belongs to it.
            end = next(
                (p for p in places[piece.end() - 1 :] if p > places[piece.end() - 1]), len(chunk)
            )
            words.append((places[piece.start()], end, form))
    return tuple(words)


def _folded(chunk: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place of the one it comes from."""
    parts = [" and " if character == "&" else fold(character) for character in chunk]
    places = [place for place, part in enumerate(parts) for _ in part]
    return "".join(parts), places
