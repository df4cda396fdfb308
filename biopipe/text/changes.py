"""Changes of annotated texts that leave their meaning: other names of a type, another case, other
typography.

The annotations move with the text. What is drawn at random is drawn for each document by seed,
change and id alone.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random

from biopipe.document import Document, Mention
from biopipe.language.greek import DISTINCT_GREEK_NAMES, GREEK_NAMES

__all__ = ["CHANGES", "Change", "Edit", "change_documents", "rewritten", "substitution"]

_GREEK = {name: letter for letter, name in GREEK_NAMES.items() if name in DISTINCT_GREEK_NAMES}
_SPELLED = {letter: name for name, letter in _GREEK.items()}
_GREEK_OR_NAME = re.compile(rf"(?<![a-z])(?:{'|'.join(_GREEK)})(?![a-z])|[{''.join(_SPELLED)}]")
_DASHES = "\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}"
_PRIMES = "\N{PRIME}\N{RIGHT SINGLE QUOTATION MARK}"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
# A shorter name with a typo is another name.
_SHORTEST_WITH_TYPO = 5


@dataclass(frozen=True, slots=True)
class Edit:
    """`[start, end)` of a text is to read `text`."""

    start: int
    end: int
    text: str


Change = Callable[[Document, Random], list[Edit]]


def change_documents(
    documents: Sequence[Document], change: Change, *, name: str, seed: int
) -> list[Document]:
    """Each document changed, with its mentions in the same order; nothing else of it is kept."""
    return [
        rewritten(document, change(document, Random(f"{seed} {name} {document.id}")))
        for document in documents
    ]


def rewritten(document: Document, edits: Sequence[Edit]) -> Document:
    """The document after `edits`, which are in order, do not overlap, and hold no start or end of a
    mention inside.
    """
    ends = [edit.end for edit in edits]
    longer = [0, *accumulate(len(edit.text) - (edit.end - edit.start) for edit in edits)]
    parts, position = [], 0
    for edit in edits:
        parts += [document.text[position : edit.start], edit.text]
        position = edit.end

    def moved(offset: int) -> int:
        return offset + longer[bisect_right(ends, offset)]

    return Document(
        document.id,
        "".join([*parts, document.text[position:]]),
        mentions=tuple(
            replace(m, start=moved(m.start), end=moved(m.end)) for m in document.mentions
        ),
    )


def substitution(names: Mapping[str, Sequence[str]]) -> Change:
    """Mentions become other names of their label; all of one name in a document become the same
    other name.
    """

    def change(document: Document, random: Random) -> list[Edit]:
        new_names: dict[tuple[str, str], str] = {}

        def other(mention: Mention, name: str) -> str:
            key = (mention.label, name.casefold())
            if key not in new_names:
                pool = names.get(mention.label, ())
                drawn = pool[random.randrange(len(pool))] if pool else name
                new_names[key] = name if drawn.casefold() == name.casefold() else drawn
            return new_names[key]

        return _of_mentions(document, other)

    return change


def _of_mentions(document: Document, other: Callable[[Mention, str], str]) -> list[Edit]:
    """What `other` makes of each mention; one that overlaps another stays, as both cannot be
    had.
    """
    ordered = sorted(document.mentions, key=lambda m: (m.start, m.end))
    before = [0, *accumulate((m.end for m in ordered), max)]
    after = [*(m.start for m in ordered[1:]), len(document.text)]
    edits: list[Edit] = []
    for mention, earliest, latest in zip(ordered, before, after, strict=False):
        name = document.text[mention.start : mention.end]
        if name and earliest <= mention.start and mention.end <= latest:
            edits.append(Edit(mention.start, mention.end, other(mention, name)))
    return [edit for edit in edits if edit.text != document.text[edit.start : edit.end]]


def _of_letters(text: str, other: Callable[[int, str], str]) -> list[Edit]:
    """What `other` makes of each character, given its place."""
    changed = ((place, letter, other(place, letter)) for place, letter in enumerate(text))
    return [Edit(place, place + 1, new) for place, letter, new in changed if new != letter]


def _upper(document: Document, random: Random) -> list[Edit]:
    return _of_letters(document.text, lambda _, letter: letter.upper())


def _lower(document: Document, random: Random) -> list[Edit]:
    return _of_letters(document.text, lambda _, letter: letter.lower())


def _title(document: Document, random: Random) -> list[Edit]:
    text = document.text

    def other(place: int, letter: str) -> str:
        return letter.lower() if text[place - 1 : place].isalpha() else letter.title()

    return _of_letters(text, other)


def _signs(document: Document, random: Random) -> list[Edit]:
    """Hyphens and apostrophes as publishers set them: one dash and one prime for a document."""
    signs = {"-": random.choice(_DASHES), "'": random.choice(_PRIMES)}
    return _of_letters(document.text, lambda _, letter: signs.get(letter, letter))


def _hyphens(document: Document, random: Random) -> list[Edit]:
    """Spaces for a name's hyphens, hyphens for the spaces of a name without; its first and last
    sign stay.
    """

    def other(_: Mention, name: str) -> str:
        inside = name[1:-1]
        changed = inside.replace("-", " ") if "-" in inside else inside.replace(" ", "-")
        return name[:1] + changed + name[-1:] if len(name) > 1 else name

    return _of_mentions(document, other)


def _greek(document: Document, random: Random) -> list[Edit]:
    """Greek letters for their names and names for the letters."""

    def swapped(match: re.Match[str]) -> str:
        return _GREEK.get(match[0]) or _SPELLED[match[0]]

    return _of_mentions(document, lambda _, name: _GREEK_OR_NAME.sub(swapped, name))


def _typo(document: Document, random: Random) -> list[Edit]:
    return _of_mentions(document, lambda _, name: _mistyped(name, random))


def _mistyped(name: str, random: Random) -> str:
    """One letter after the first dropped, doubled, replaced, or changed places with the next."""
    places = [place for place in range(1, len(name) - 1) if name[place : place + 2].isalpha()]
    if len(name) < _SHORTEST_WITH_TYPO or not places:
        return name
    place = random.choice(places)
    one, two = name[place], name[place + 1]
    typed = random.choice(["", one + one, random.choice(_LOWER), two + one])
    end = place + (2 if typed == two + one else 1)
    return name[:place] + typed + name[end:]


CHANGES: Mapping[str, Change] = {
    "upper case": _upper,
    "lower case": _lower,
    "title case": _title,
    "dashes, primes": _signs,
    "hyphen or space": _hyphens,
    "Greek letters": _greek,
    "typo": _typo,
}
