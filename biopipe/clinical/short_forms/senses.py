"""Tables of the short forms of notes: tab-separated files, which users extend or replace.

A file has the columns short, long, label, case, weight, sections, cues and source, as senses/en.tsv
says in its first lines.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from biopipe.errors import ConfigError

__all__ = ["CASES", "ShortFormSense", "load_senses", "read_senses", "write_senses"]

CASES = ("", "listed", "any")
_COLUMNS = ("short", "long", "label", "case", "weight", "sections", "cues", "source")
_FOLDER = Path(__file__).parent / "senses"


@dataclass(frozen=True, slots=True)
class ShortFormSense:
    """One meaning of a short form; the fields are the columns of the table.

    `label` is "" where the meaning is nothing to be found. `sections` and `cues` may begin with "-";
    a cue may have a place for the short form, as in "s/p _".
    """

    short: str
    long: str
    label: str
    case: str = ""
    weight: float = 1.0
    sections: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    source: str = ""

    def parts(self) -> list[tuple[str, str]]:
        """The short forms and long forms between slashes, or the one."""
        short, long = self.short.split("/"), self.long.split("/")
        return (
            list(zip(short, long, strict=True))
            if len(short) == len(long)
            else [(self.short, self.long)]
        )


def load_senses(
    language: str = "en", files: Iterable[str | Path] = (), *, extend: bool = True
) -> list[ShortFormSense]:
    """The meanings of a language with those of `files` over them, or those of `files` alone.

    All meanings of a short form in a later file take the place of those in earlier ones.
    ConfigError for a language without short forms, and for a file that cannot be used.
    """
    paths = [Path(file) for file in files]
    if extend:
        languages = sorted(path.stem for path in _FOLDER.glob("*.tsv"))
        if language not in languages:
            raise ConfigError(
                f"There are no short forms for the language '{language}'; there are: "
                f"{', '.join(languages)}; give a file of your own as `senses` with `extend` false."
            )
        paths.insert(0, _FOLDER / f"{language}.tsv")
    by_short: dict[str, list[ShortFormSense]] = {}
    for path in paths:
        of_file: dict[str, list[ShortFormSense]] = {}
        for sense in read_senses(path):
            of_file.setdefault(sense.short.lower(), []).append(sense)
        by_short.update(of_file)
    return [sense for senses in by_short.values() for sense in senses]


def read_senses(path: Path) -> list[ShortFormSense]:
    """The meanings in a file; a ConfigError names the file and the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise ConfigError(f"Cannot read the short forms {path} ({error}).") from error
    rows = [(n, line.split("\t")) for n, line in enumerate(lines, 1) if line and line[0] != "#"]
    if not rows or tuple(rows[0][1]) != _COLUMNS:
        raise ConfigError(
            f"{path} is not a table of short forms; its first line must be the columns "
            f"{', '.join(_COLUMNS)}, with tabs between."
        )
    return [_sense(f"{path} line {number}", row) for number, row in rows[1:]]


def write_senses(senses: Iterable[ShortFormSense], path: Path) -> None:
    """Write a file that `read_senses` reads as the same meanings."""
    rows = [
        _COLUMNS,
        *(
            (
                *(s.short, s.long, s.label, s.case, f"{s.weight:g}"),
                *(",".join(s.sections), ",".join(s.cues), s.source),
            )
            for s in senses
        ),
    ]
    # Needed where a pipeline is saved alone; the readers beside it load pyarrow.
    from biopipe.io.atomic import atomic_file

    with atomic_file(path) as temporary:
        temporary.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")


def _sense(where: str, row: list[str]) -> ShortFormSense:
    cells = [*(cell.strip() for cell in row), *[""] * len(_COLUMNS)][: len(_COLUMNS)]
    short, long, label, case, weight, sections, cues, source = cells
    if len(row) > len(_COLUMNS) or not short or not long:
        raise ConfigError(
            f"{where}: a short form and its meaning are needed, in a row of at most "
            f"{len(_COLUMNS)} cells: {', '.join(_COLUMNS)}."
        )
    if case not in CASES:
        raise ConfigError(
            f"{where}: unknown case '{case}'; there are: 'any', 'listed', or nothing."
        )
    try:
        value = float(weight or 1)
    except ValueError:
        value = -1.0
    if not 0 <= value < 100:
        raise ConfigError(f"{where}: the weight '{weight}' is no number from 0 to 100.")
    return ShortFormSense(short, long, label, case, value, _cells(sections), _cells(cues), source)


def _cells(text: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in text.split(",") if cell.strip())
