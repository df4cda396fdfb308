"""Tables of the titles of sections: tab-separated files by language, which users extend or replace.

A file has the columns title, category, form and source, as titles/en.tsv says in its first lines.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from biopipe.errors import ConfigError

__all__ = [
    "ANY_WORDS",
    "FORMS",
    "SectionTitle",
    "load_titles",
    "normal_title",
    "read_titles",
    "title_languages",
    "title_of",
    "write_titles",
]

FORMS = ("", "colon", "lead", "part")
_COLUMNS = ("title", "category")
_FOLDER = Path(__file__).parent / "titles"
_HISTORY = re.compile(r"\bhx\b")
_DOTTED = re.compile(r"\b(?:[a-z]\.){2,}(?=[^a-z]|$)|\b(?:[a-z]\.)+[a-z]\b")
_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_AND = re.compile(r"\s*[&/]\s*|\s+and\s+")
ANY_WORDS = "* "
"""Begins a title of the table that is every title with this last word."""

_MOST_WORDS = 4
_EDGES = " \t\u00a0*_#=~-\u2013\u2014:.,;|\u2022"


@dataclass(frozen=True, slots=True)
class SectionTitle:
    """What the table says of a title: its category and its form, one of FORMS."""

    category: str
    form: str = ""


def normal_title(heading: str) -> str:
    """A heading as the tables hold titles: lower case, without marks, brackets and numbers around
    it, with "history" for hx and "and" for & and /.

        >>> normal_title("** P.M.Hx / Surgical Hx (per chart) **")
        'pmhx and surgical history'
    """
    if heading.startswith(ANY_WORDS):
        return ANY_WORDS + normal_title(heading.removeprefix(ANY_WORDS))
    lower = " ".join(_BRACKETS.sub("", heading.lower()).replace("\u2019", "'").split())
    lower = _DOTTED.sub(lambda match: match[0].replace(".", ""), lower.strip(" \t*_#=~"))
    lower = _HISTORY.sub("history", lower.strip(_EDGES).replace("'", ""))
    return _AND.sub(" and ", lower)


def title_of(titles: Mapping[str, SectionTitle], heading: str) -> SectionTitle | None:
    """What the table says of a heading as it stands in a note; of two titles joined by "and" that
    are listed alone, what it says of the first, and else what it says of its last word.
    """
    name = normal_title(heading)
    title = titles.get(name)
    if title is not None:
        return title
    if " and " not in name:
        words = name.split()
        return titles.get(ANY_WORDS + words[-1]) if 1 < len(words) <= _MOST_WORDS else None
    parts = [titles.get(part.strip()) for part in name.split(" and ")]
    # "Fever and chills" must not be read as titles because one of its words is one.
    if all(part is not None and part.form != "part" for part in parts):
        return parts[0]
    return None


def title_languages() -> list[str]:
    """Languages that biopipe has a table of titles for."""
    return sorted(path.stem for path in _FOLDER.glob("*.tsv"))


def load_titles(
    language: str = "en", files: Iterable[str | Path] = (), *, extend: bool = True
) -> dict[str, SectionTitle]:
    """The titles of a language with those of `files` over them, or those of `files` alone.

    A category of a user's own is as good as one of the table's; a title with the category "-" is
    taken out. ConfigError for a language without titles, where `extend` is false and no file is
    given, and for a file that cannot be used.
    """
    if extend and language not in title_languages():
        raise ConfigError(
            f"There are no titles of sections for the language '{language}'; there are: "
            f"{', '.join(title_languages())}; give a file of your own as `titles` with `extend` "
            "false."
        )
    titles = dict(_shipped(language)) if extend else {}
    for file in files:
        titles.update(read_titles(Path(file)))
    titles = {name: title for name, title in titles.items() if title.category != "-"}
    if not titles:
        raise ConfigError(
            "With `extend` false there must be a file of section titles; give one as `titles`."
        )
    return titles


@cache
def _shipped(language: str) -> Mapping[str, SectionTitle]:
    return read_titles(_FOLDER / f"{language}.tsv")


def read_titles(path: Path) -> dict[str, SectionTitle]:
    """The titles of a file in their normal form; a ConfigError names the file and the line that is
    wrong.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise ConfigError(f"Cannot read the section titles {path} ({error}).") from error
    titles: dict[str, SectionTitle] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if tuple(cells[:2]) == _COLUMNS:
            continue
        titles[normal_title(cells[0])] = _title(cells, f"{path}, line {number}")
    return titles


def _title(cells: list[str], where: str) -> SectionTitle:
    if len(cells) < 2 or not cells[0] or not cells[1]:
        raise ConfigError(
            f"{where} has no title and category; give at least these two, with a tab between them."
        )
    form = cells[2] if len(cells) > 2 else ""
    if form not in FORMS:
        raise ConfigError(
            f"{where} has the form '{form}'; give one of: {', '.join(FORMS[1:])}, or nothing."
        )
    return SectionTitle(cells[1], form)


def write_titles(titles: Mapping[str, SectionTitle], path: Path) -> None:
    """Write a table that `read_titles` reads."""
    rows = [f"{name}\t{title.category}\t{title.form}\n" for name, title in sorted(titles.items())]
    path.write_text("".join(rows), encoding="utf-8")
