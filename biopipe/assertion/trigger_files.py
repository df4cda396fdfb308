"""Trigger files: tab-separated, by language, which users extend or replace.

A file has the columns term, category, direction, scope and labels, as triggers/en.tsv says in its
first lines.
"""

from collections.abc import Iterable
from pathlib import Path

from biopipe.assertion.trigger_rows import COLUMNS, TermClasses, expand, to_trigger
from biopipe.assertion.triggers import Trigger
from biopipe.errors import ConfigError

__all__ = ["languages", "load_triggers", "read_triggers", "write_triggers"]

FOLDER = Path(__file__).parent / "triggers"
_REQUIRED_COLUMNS = COLUMNS[:4]


def languages() -> list[str]:
    """Languages that biopipe has a trigger file for."""
    return sorted(path.stem for path in FOLDER.glob("*.tsv"))


def load_triggers(
    language: str = "en", files: Iterable[str | Path] = (), *, extend: bool = True
) -> list[Trigger]:
    """The triggers of a language with those of `files` over them, or those of `files` alone.

    All lines of a later file for a term take the place of all lines of an earlier one. A file may
    use the word classes and label groups of those before it. ConfigError for a language without
    triggers, where `extend` is false and no file is given, and for a file that cannot be used.
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
    classes = TermClasses()
    for path in paths:
        by_term.update(_by_term(read_triggers(path, classes)))
    return [trigger for triggers in by_term.values() for trigger in triggers]


def read_triggers(path: Path, classes: TermClasses | None = None) -> list[Trigger]:
    """The triggers of a file; a ConfigError names the file and the line that is wrong.

    The word classes and label groups of the file are added to `classes`, if given.
    """
    classes = TermClasses() if classes is None else classes
    triggers: list[Trigger] = []
    seen: set[tuple[object, ...]] = set()
    for where, row in _rows(path):
        if classes.add(where, row):
            continue
        for term in expand(where, row[0].strip(), classes):
            trigger = to_trigger(where, [term, *row[1:]], classes)
            key = (trigger.words, trigger.category, trigger.direction, trigger.labels)
            if key in seen:
                raise ConfigError(
                    f"{where}: '{' '.join(trigger.words)}' is there twice; remove one of the two."
                )
            seen.add(key)
            triggers.append(trigger)
    return triggers


def write_triggers(triggers: Iterable[Trigger], path: Path) -> None:
    """Write a file that `read_triggers` reads as the same triggers."""
    rows = [
        COLUMNS,
        *(
            (" ".join(t.words), t.category, t.direction, _scope(t), ",".join(sorted(t.labels)))
            for t in triggers
        ),
    ]
    # Needed where a pipeline is saved alone; the readers beside it load pyarrow.
    from biopipe.io.atomic import atomic_file

    with atomic_file(path) as temporary:
        temporary.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")


def _rows(path: Path) -> list[tuple[str, list[str]]]:
    """The rows under the header, each with the words that say where it stands."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise ConfigError(f"Cannot read the assertion triggers {path} ({error}).") from error
    rows = [
        (n, line.split("\t")) for n, line in enumerate(lines, 1) if line.strip() and line[0] != "#"
    ]
    if not rows or tuple(rows[0][1]) not in (COLUMNS, _REQUIRED_COLUMNS):
        raise ConfigError(
            f"{path} is not a file of assertion triggers; its first line must be the columns "
            f"{', '.join(COLUMNS)}, with tabs between (the last may be missing)."
        )
    return [(f"{path} line {number}", row) for number, row in rows[1:]]


def _scope(trigger: Trigger) -> str:
    if trigger.category == "terminator":
        return ",".join(sorted(trigger.ends))
    return "" if trigger.reach is None else str(trigger.reach)


def _by_term(triggers: Iterable[Trigger]) -> dict[tuple[str, ...], list[Trigger]]:
    by_term: dict[tuple[str, ...], list[Trigger]] = {}
    for trigger in triggers:
        by_term.setdefault(trigger.words, []).append(trigger)
    return by_term
