"""Triggers of ConText: words that say something of the mentions around them."""

import re
from dataclasses import dataclass

from biopipe.document.labels import HYPOTHETICAL, NEGATED, POSSIBLE

__all__ = [
    "AFFIRMED",
    "CHECKLIST_DIRECTIONS",
    "HYPHEN",
    "OF_RELATION",
    "RELATION_ASSERTIONS",
    "Trigger",
    "concerns",
    "count_words",
    "lowered",
    "word_starts",
    "words",
]

AFFIRMED = "affirmed"
"""What "yes" says in a checklist: that no denial of the same words holds."""

CHECKLIST_DIRECTIONS = ("answer", "mark", "list")
"""Directions of the triggers that speak in the form of a checklist: "no" in `Asthma: no` is an
answer, "(-)" in `Asthma (-)` a mark, and "denies" in `Denies:` heads a list.
"""

OF_RELATION = " relation"
"""Ends the category of a trigger that speaks of a relation alone, as "not associated with"."""

RELATION_ASSERTIONS = tuple(f"{name}{OF_RELATION}" for name in (NEGATED, POSSIBLE, HYPOTHETICAL))

# A hyphen inside a word, as in no-reflow and HER2-negative, is another mark than one beside a word.
HYPHEN = "\u2010"
# The sign first: a search that begins by looking behind stops at every character.
_HYPHEN = re.compile(r"-(?<=[^\W_]-)(?=[^\W_])")
_WORD = re.compile(r"\w+(?:'\w+)*|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Trigger:
    """One line of a trigger file: `words` in lower case, `reach` in words (None: all of the
    sentence).

    `ends` are the assertions whose scopes a terminator ends. `labels` are the labels of the
    mentions that it is about, those with "!" before them the ones that it is not about, and none
    where it is about all; see `concerns`.
    """

    words: tuple[str, ...]
    category: str
    direction: str = ""
    reach: int | None = None
    ends: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()


def concerns(labels: frozenset[str], label: str) -> bool:
    """Whether a trigger that is about mentions of these `labels` is about one labelled `label`."""
    return not labels or label in labels or (f"!{label}" not in labels and _only_excludes(labels))


def _only_excludes(labels: frozenset[str]) -> bool:
    return all(label.startswith("!") for label in labels)


def words(text: str) -> list[str]:
    """The words and marks of a lowered term or sentence."""
    pieces: list[str] = _WORD.findall(text)
    return pieces


def word_starts(text: str) -> list[int]:
    """Where each of `words` begins."""
    return [match.start() for match in _WORD.finditer(text)]


def lowered(text: str) -> str:
    """Lower case with straight apostrophes and marked hyphens, every character in its place."""
    low = text.lower()
    if len(low) != len(text):  # İ becomes two characters
        low = "".join(character.lower()[0] for character in text)
    low = low.replace("’", "'")
    return _HYPHEN.sub(HYPHEN, low) if "-" in low else low


def count_words(text: str, start: int, end: int) -> int:
    """How many words `words` makes of a part of the text."""
    return len(_WORD.findall(text, start, end))
