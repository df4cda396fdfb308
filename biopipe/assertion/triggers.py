"""Trigger lists of ConText: tab-separated files by language, which users extend or replace.

A file has the columns term, category, direction and scope, as triggers/en.tsv says in its first
lines.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from biopipe.document.labels import ASSERTIONS, HYPOTHETICAL, NEGATED, POSSIBLE
from biopipe.errors import ConfigError

__all__ = [
    "HYPHEN",
    "OF_RELATION",
    "Trigger",
    "count_words",
    "languages",
    "load_triggers",
    "lowered",
    "read_triggers",
    "words",
    "write_triggers",
]

OF_RELATION = " relation"
"""Ends the category of a trigger that speaks of a relation alone, as "not associated with"."""

RELATION_ASSERTIONS = tuple(f"{name}{OF_RELATION}" for name in (NEGATED, POSSIBLE, HYPOTHETICAL))
CATEGORIES = (*ASSERTIONS, *RELATION_ASSERTIONS, "pseudo", "terminator")
DIRECTIONS = ("forward", "backward", "both", "within", "section")
COLUMNS = ("term", "category", "direction", "scope")
FOLDER = Path(__file__).parent / "triggers"

# A hyphen inside a word, as in no-reflow and HER2-negative, is another mark than one beside a word.
HYPHEN = "\u2010"
_HYPHEN = re.compile(r"(?<=[^\W_])-(?=[^\W_])")
_WORD = re.compile(r"\w+(?:'\w+)*|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Trigger:
    """One line of a trigger file: `words` in lower case, `reach` in words (None: all of the
    sentence).

    `ends` are the assertions whose scopes a terminator ends.
    """

    words: tuple[str, ...]
    category: str
    direction: str = ""
    reach: int | None = None
    ends: frozenset[str] = frozenset()


def words(text: str) -> list[str]:
    """The words and marks of a lowered term or sentence."""
    pieces: list[str] = _WORD.findall(text)
    return pieces


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


def languages() -> list[str]:
    """Languages that biopipe has a trigger file for."""
    return sorted(path.stem for path in FOLDER.glob("*.tsv"))


def load_triggers(
    language: str = "en", files: Iterable[str | Path] = (), *, extend: bool = True
) -> list[Trigger]:
    """The triggers of a language with those of `files` over them, or those of `files` alone.

    All lines of a later file for a term take the place of all lines of an earlier one.
    """
    paths = [Path(file) for file in files]
    if extend:
        if language not in languages():
            raise ConfigError(
                f"There are no assertion triggers for the language '{language}'; there are: "
                f"{', '.join(languages())}; give a file of your own as `triggers` with `extend` "
                "false."
            )
        paths.insert(0, FOLDER / f"{language}.tsv")
    if not paths:
        raise ConfigError(
            "With `extend` false there must be a file of triggers; give one as `triggers`."
        )
    by_term: dict[tuple[str, ...], list[Trigger]] = {}
    for path in paths:
        by_term.update(_by_term(read_triggers(path)))
    return [trigger for triggers in by_term.values() for trigger in triggers]


def read_triggers(path: Path) -> list[Trigger]:
    """The triggers of a file; a ConfigError names the file and the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise ConfigError(f"Cannot read the assertion triggers {path} ({error}).") from error
    rows = [
        (n, line.split("\t")) for n, line in enumerate(lines, 1) if line.strip() and line[0] != "#"
    ]
    if not rows or tuple(rows[0][1]) != COLUMNS:
        raise ConfigError(
            f"{path} is not a file of assertion triggers; its first line must be the columns "
            f"{', '.join(COLUMNS)}, with tabs between."
        )
    triggers = [_trigger(f"{path} line {number}", row) for number, row in rows[1:]]
    seen: set[tuple[tuple[str, ...], str, str]] = set()
    for (number, _), trigger in zip(rows[1:], triggers, strict=True):
        key = (trigger.words, trigger.category, trigger.direction)
        if key in seen:
            raise ConfigError(
                f"{path} line {number}: '{' '.join(trigger.words)}' is there twice; remove one of "
                "the two."
            )
        seen.add(key)
    return triggers


def write_triggers(triggers: Iterable[Trigger], path: Path) -> None:
    """Write a file that `read_triggers` reads as the same triggers."""
    rows = [COLUMNS, *((" ".join(t.words), t.category, t.direction, _scope(t)) for t in triggers)]
    # Needed where a pipeline is saved alone; the readers beside it load pyarrow.
    from biopipe.io.atomic import atomic_file

    with atomic_file(path) as temporary:
        temporary.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")


def _scope(trigger: Trigger) -> str:
    if trigger.category == "terminator":
        return ",".join(sorted(trigger.ends))
    return "" if trigger.reach is None else str(trigger.reach)


def _by_term(triggers: Iterable[Trigger]) -> dict[tuple[str, ...], list[Trigger]]:
    by_term: dict[tuple[str, ...], list[Trigger]] = {}
    for trigger in triggers:
        by_term.setdefault(trigger.words, []).append(trigger)
    return by_term


def _trigger(where: str, row: list[str]) -> Trigger:
    term, category, direction, scope = [*(cell.strip() for cell in row), "", "", ""][: len(COLUMNS)]
    if not 2 <= len(row) <= len(COLUMNS):
        raise ConfigError(
            f"{where}: {len(row)} columns; there are: {', '.join(COLUMNS)}, with tabs between."
        )
    trigger_words = tuple(words(lowered(term)))
    if not trigger_words:
        raise ConfigError(
            f"{where}: the term {term!r} has no words; give the words of the trigger."
        )
    if category not in CATEGORIES:
        raise ConfigError(
            f"{where}: unknown category '{category}'; there are: {', '.join(CATEGORIES)}."
        )
    if category in ("pseudo", "terminator"):
        return _bound(where, trigger_words, category, direction, scope)
    if direction not in DIRECTIONS or (direction == "section" and category not in ASSERTIONS):
        raise ConfigError(
            f"{where}: unknown direction '{direction}'; there are: {', '.join(DIRECTIONS)}."
        )
    if scope and not (scope.isdecimal() and int(scope) > 0):
        raise ConfigError(
            f"{where}: the scope '{scope}' is not a number of words above 0; leave it empty for "
            "all."
        )
    return Trigger(trigger_words, category, direction, int(scope) if scope else None)


def _bound(where: str, term: tuple[str, ...], category: str, direction: str, scope: str) -> Trigger:
    """A pseudo-trigger or a terminator."""
    if direction not in ("", "section") or (direction and category == "pseudo"):
        raise ConfigError(
            f"{where}: a {category} has no direction '{direction}'; leave the column empty."
        )
    ends = frozenset(name.strip() for name in scope.split(",") if name.strip())
    if category == "pseudo" and ends:
        raise ConfigError(
            f"{where}: a pseudo-trigger has no scope '{scope}'; leave the column empty."
        )
    if unknown := sorted(ends - set(ASSERTIONS)):
        raise ConfigError(
            f"{where}: '{unknown[0]}' is no assertion to end; there are: {', '.join(ASSERTIONS)}."
        )
    return Trigger(term, category, direction, None, _ends(category, direction, ends))


def _ends(category: str, direction: str, named: frozenset[str]) -> frozenset[str]:
    """What a terminator in a sentence ends: the assertions it names, or all."""
    if category == "terminator" and not direction:
        return named or frozenset(ASSERTIONS)
    return frozenset()
