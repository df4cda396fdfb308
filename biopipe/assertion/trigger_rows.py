"""One row of a trigger file: a trigger, a word of a class, or a label of a group."""

import re
from collections.abc import Iterator
from itertools import product

from biopipe.assertion.triggers import (
    AFFIRMED,
    CHECKLIST_DIRECTIONS,
    RELATION_ASSERTIONS,
    Trigger,
    lowered,
    words,
)
from biopipe.document.labels import ASSERTIONS
from biopipe.errors import ConfigError

__all__ = ["COLUMNS", "TermClasses", "expand", "to_trigger"]

COLUMNS = ("term", "category", "direction", "scope", "labels")

_WORD_CLASS, _LABEL_GROUP = "class", "label"
_DIRECTIONS = ("forward", "backward", "both", "within", "section", *CHECKLIST_DIRECTIONS)
_CATEGORIES = (*ASSERTIONS, AFFIRMED, *RELATION_ASSERTIONS, "pseudo", "terminator")
_NAMED_CLASS = re.compile(r"<([\w ]+)>")
_NOT = "not "


class TermClasses:
    """Words that may stand for `<class>` in a term, and labels that the name of a group means."""

    def __init__(self) -> None:
        self.terms: dict[str, list[str]] = {}
        self.labels: dict[str, list[str]] = {}

    def add(self, where: str, row: list[str]) -> bool:
        """Whether the row is one of a class or a group; it is added if so.

        ConfigError, which begins with `where`, for such a row without a term or a class.
        """
        kind = row[1].strip() if len(row) > 1 else ""
        if kind not in (_WORD_CLASS, _LABEL_GROUP):
            return False
        term, name = row[0].strip(), row[2].strip() if len(row) > 2 else ""
        if not term or not name:
            raise ConfigError(
                f"{where}: a row of the category '{kind}' needs a term and, as its direction, the "
                "name of what the term belongs to."
            )
        members = (self.terms if kind == _WORD_CLASS else self.labels).setdefault(name, [])
        # A user's file may name what the shipped one has already.
        if term not in members:
            members.append(term)
        return True

    def labels_of(self, column: str) -> frozenset[str]:
        """The labels that a column of labels and names of groups means; "!" is before those that
        are left out.
        """
        names = [name.strip() for name in column.split(",") if name.strip()]
        labels: set[str] = set()
        for name in names:
            sign = "!" if name.startswith((_NOT, "!")) else ""
            bare = name.removeprefix(_NOT).removeprefix("!").strip()
            labels.update(sign + label for label in self.labels.get(bare, [bare]))
        return frozenset(labels)


def expand(where: str, term: str, classes: TermClasses) -> Iterator[str]:
    """The term with every word of a class in place of its `<class>`.

    ConfigError, which begins with `where`, for a class that has no words yet.
    """
    names = _NAMED_CLASS.findall(term)
    if unknown := [name for name in names if name not in classes.terms]:
        raise ConfigError(
            f"{where}: there are no words of the class '{unknown[0]}' before this line; add rows "
            f"such as: WORD, {_WORD_CLASS}, {unknown[0]}."
        )
    first, *others = _NAMED_CLASS.split(term)[::2]  # what stands around the classes
    for replacements in product(*(classes.terms[name] for name in names)):
        yield first + "".join(word + rest for word, rest in zip(replacements, others, strict=True))


def to_trigger(where: str, row: list[str], classes: TermClasses) -> Trigger:
    """The trigger of a row; a ConfigError says where it stands and what is wrong."""
    term, category, direction, scope, labels = [
        *(cell.strip() for cell in row),
        *[""] * len(COLUMNS),
    ][: len(COLUMNS)]
    if not 2 <= len(row) <= len(COLUMNS):
        raise ConfigError(
            f"{where}: {len(row)} columns; there are: {', '.join(COLUMNS)}, with tabs between."
        )
    trigger_words = tuple(words(lowered(term)))
    if not trigger_words:
        raise ConfigError(
            f"{where}: the term {term!r} has no words; give the words of the trigger."
        )
    if category not in _CATEGORIES:
        raise ConfigError(
            f"{where}: unknown category '{category}'; there are: {', '.join(_CATEGORIES)}."
        )
    concerned = classes.labels_of(labels)
    if category in ("pseudo", "terminator"):
        return _bound(where, trigger_words, category, direction, scope, concerned)
    if direction not in _DIRECTIONS or not _go_together(category, direction):
        raise ConfigError(
            f"{where}: unknown direction '{direction}' of '{category}'; there are: "
            f"{', '.join(_DIRECTIONS)}."
        )
    if scope and not (scope.isdecimal() and int(scope) > 0):
        raise ConfigError(
            f"{where}: the scope '{scope}' is not a number of words above 0; leave it empty for "
            "all."
        )
    return Trigger(
        trigger_words, category, direction, int(scope) if scope else None, labels=concerned
    )


def _go_together(category: str, direction: str) -> bool:
    if category == AFFIRMED:
        return direction in CHECKLIST_DIRECTIONS
    return category in ASSERTIONS or direction not in ("section", *CHECKLIST_DIRECTIONS)


def _bound(
    where: str,
    term: tuple[str, ...],
    category: str,
    direction: str,
    scope: str,
    labels: frozenset[str],
) -> Trigger:
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
    return Trigger(term, category, direction, None, _ends(category, direction, ends), labels)


def _ends(category: str, direction: str, named: frozenset[str]) -> frozenset[str]:
    """What a terminator in a sentence ends: the assertions it names, or all."""
    if category == "terminator" and not direction:
        return named or frozenset(ASSERTIONS)
    return frozenset()
