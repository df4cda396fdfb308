"""What typists and typesetters do to texts: other cases, typos, signs, spaces and line breaks.

Pieces stay pieces, so that mentions keep their bounds; typos and breaks keep out of mentions.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random

from biopipe.document.labels import VARIANT
from biopipe.errors import ConfigError
from biopipe.train.frames.fill import Piece

__all__ = ["NOISE", "check_noise", "make_noise", "upper_case"]

_DASHES = "\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}\N{MINUS SIGN}"
_WORD = re.compile(r"[a-z]{5,}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

NOISE: Mapping[str, float] = {
    "upper case": 0.04,
    "lower case": 0.03,
    "title case": 0.02,
    "typo": 0.06,
    "no full stop": 0.05,
    "double space": 0.03,
    "dashes": 0.02,
    "line break": 0.03,
}
"""The default share of filled frames that each change is made to."""


def check_noise(shares: Mapping[str, float]) -> None:
    """ConfigError for a change that there is not, or a share that is none."""
    for change, share in shares.items():
        if change not in NOISE:
            raise ConfigError(f"Unknown noise '{change}'; the changes are: {', '.join(NOISE)}.")
        if not 0 <= share <= 1:
            raise ConfigError(f"The noise '{change}' has the share {share}; give 0 to 1.")


def make_noise(pieces: Sequence[Piece], shares: Mapping[str, float], random: Random) -> list[Piece]:
    """A filled frame with each change of NOISE made to it at random, with the probability that
    `shares` gives; at most one changes the case.
    """
    changed, cased = list(pieces), False
    for change in NOISE:
        # Drawn for each, so that one share does not change what another one's draw is.
        drawn = random.random() < shares.get(change, 0.0)
        of_case = change in _CASES
        if drawn and not (of_case and cased):
            cased = cased or of_case
            changed = _CHANGES[change](changed, random)
    return changed


def upper_case(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces in capital letters, but for texts with variants: nobody writes C.35DELG."""
    return _in_case(pieces, str.upper)


def _upper(pieces: Sequence[Piece], random: Random) -> list[Piece]:
    return upper_case(pieces)


def _lower(pieces: Sequence[Piece], random: Random) -> list[Piece]:
    return _in_case(pieces, str.lower)


def _title(pieces: Sequence[Piece], random: Random) -> list[Piece]:
    return _in_case(
        pieces,
        # Small words (of, in, the) stay small, as in titles.
        lambda text: re.sub(r"(?<![^\W_])[a-z](?=[a-z]{3})", lambda m: m[0].upper(), text),
    )


def _in_case(pieces: Sequence[Piece], change: Callable[[str], str]) -> list[Piece]:
    if any(piece.name is not None and piece.name.label == VARIANT for piece in pieces):
        return list(pieces)
    return [replace(piece, text=change(piece.text)) for piece in pieces]


def _typo(pieces: Sequence[Piece], random: Random) -> list[Piece]:
    """One letter of a word doubled, dropped, or changed for the next or for another one."""

    def mistyped(word: str) -> str:
        place = random.randrange(1, len(word) - 1)
        one, two = word[place], word[place + 1]
        typed, end = random.choice(
            [("", 1), (one + one, 1), (random.choice(_LETTERS), 1), (two + one, 2)]
        )
        return word[:place] + typed + word[place + end :]

    return _at_one_place(pieces, _WORD, mistyped, random)


def _unstopped(pieces: Sequence[Piece], random: Random) -> list[Piece]:
    if not pieces or pieces[-1].name is not None or not pieces[-1].text.endswith("."):
        return list(pieces)
    return [*pieces[:-1], replace(pieces[-1], text=pieces[-1].text[:-1])]


def _double_space(pieces: Sequence[Piece], random: Random) -> list[Piece]:
    return _at_one_place(pieces, re.compile(r"(?<=\S) (?=\S)"), lambda space: "  ", random)


def _broken(pieces: Sequence[Piece], random: Random) -> list[Piece]:
    return _at_one_place(pieces, re.compile(r"(?<=\S) (?=\S)"), lambda space: "\n", random)


def _dashes(pieces: Sequence[Piece], random: Random) -> list[Piece]:
    dash = random.choice(_DASHES)
    return [replace(piece, text=piece.text.replace("-", dash)) for piece in pieces]


def _at_one_place(
    pieces: Sequence[Piece],
    form: re.Pattern[str],
    change: Callable[[str], str],
    random: Random,
) -> list[Piece]:
    """One match outside of mentions changed."""
    places = [
        (number, match)
        for number, piece in enumerate(pieces)
        if piece.name is None
        for match in form.finditer(piece.text)
    ]
    changed = list(pieces)
    if places:
        number, match = random.choice(places)
        text = changed[number].text
        changed[number] = Piece(text[: match.start()] + change(match[0]) + text[match.end() :])
    return changed


_CASES = frozenset({"upper case", "lower case", "title case"})
_CHANGES: Mapping[str, Callable[[Sequence[Piece], Random], list[Piece]]] = {
    "upper case": _upper,
    "lower case": _lower,
    "title case": _title,
    "typo": _typo,
    "no full stop": _unstopped,
    "double space": _double_space,
    "dashes": _dashes,
    "line break": _broken,
}
