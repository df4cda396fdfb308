"""SNOMED CT Release Format 2: the Snapshot files below a folder, and their rows by the names in
their header.

File names and columns: SNOMED CT Release File Specifications, SNOMED International.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.lines import numbered_lines

__all__ = ["File", "Release", "find_release", "rf2_rows"]

# Which files a knowledge base is made of: the start of their names, a word of the next part, what
# they hold.
_KINDS: Mapping[str, tuple[str, str, str]] = {
    "Concept": ("sct2_Concept", "", "the concepts"),
    "Description": ("sct2_Description", "", "the names"),
    "TextDefinition": (
        "sct2_TextDefinition",
        "",
        "the definitions (definitions=False does without)",
    ),
    "Relationship": ("sct2_Relationship", "", "the is-a relationships"),
    "Language": ("der2_cRefset", "Language", "the preferred names"),
    "Association": (
        "der2_cRefset",
        "Association",
        "the replaced concepts (retired=False does without)",
    ),
}
_NAME = re.compile(
    r"x?(?P<start>(?:sct2|der2)_[A-Za-z]+)_(?P<part>[^_]*Snapshot[^_]*)"
    r"_(?P<edition>[^_]+)_(?P<date>\d{8})[^_]*\.txt(?:\.gz)?"
)


@dataclass(frozen=True, slots=True)
class File:
    """One Snapshot file; `edition` is such as INT or US1000124, `date` such as 20230731."""

    path: Path
    edition: str
    date: str


@dataclass(frozen=True, slots=True)
class Release:
    """The Snapshot files of one or more packages, by kind, those of the newest package first."""

    folder: Path
    files: Mapping[str, Sequence[File]]

    def of(self, kind: str) -> Sequence[File]:
        """Files of a kind; KnowledgeBaseError when there is none."""
        if files := self.files.get(kind):
            return files
        start, word, purpose = _KINDS[kind]
        raise KnowledgeBaseError(
            f"There is no file {start}_{word}Snapshot..._DATE.txt below {self.folder}; it holds "
            f"{purpose}: "
            "give the folder of an unpacked release, with its Snapshot folder whole."
        )

    @property
    def version(self) -> str:
        """Editions with their dates, such as "INT 20230731"."""
        return ", ".join(
            sorted({f"{file.edition} {file.date}" for file in self.files.get("Concept", ())})
        )


def find_release(folder: Path) -> Release:
    """The files below `folder`; KnowledgeBaseError when it is no folder or holds two dates of one
    file.
    """
    if not folder.is_dir():
        raise KnowledgeBaseError(
            f"There is no folder '{folder}'; give the folder of an unpacked SNOMED CT release."
        )
    files: dict[str, dict[tuple[str, ...], File]] = {kind: {} for kind in _KINDS}
    for path in sorted(folder.rglob("*Snapshot*.txt*")):
        name = _NAME.fullmatch(path.name)
        kind = _kind(name) if name else ""
        if name and kind:
            key = name["start"], name["part"], name["edition"]
            file = files[kind].setdefault(key, File(path, name["edition"], name["date"]))
            if file.date != name["date"]:
                raise KnowledgeBaseError(
                    f"{folder} holds two releases, {file.path.name} and {path.name}; give the "
                    "folder of one."
                )
    newest = {
        kind: sorted(found.values(), key=lambda file: file.date, reverse=True)
        for kind, found in files.items()
    }
    return Release(folder, newest)


def _kind(name: re.Match[str]) -> str:
    return next(
        (
            kind
            for kind, (start, word, _) in _KINDS.items()
            if name["start"] == start and word in name["part"]
        ),
        "",
    )


def rf2_rows(
    files: Sequence[File], ids: Sequence[str], texts: Sequence[str] = (), *, inactive: bool = False
) -> Iterator[tuple[tuple[int, ...], list[str]]]:
    """Values of the columns `ids` (two or more, as numbers) and `texts` of each active row.

    Where packages have the same component, the row of the newest counts, be it inactive.
    KnowledgeBaseError names the column that a header has not, or the row that is too short or has
    no number for an id.
    """
    seen: set[str] = set()
    for file in files:
        more_packages = (file.date, file.edition) != (files[-1].date, files[-1].edition)
        lines = numbered_lines(file.path)
        header = next(lines, (1, ""))[1].split("\t")
        id_, active, *places = _places(file.path, header, ("id", "active", *ids, *texts))
        numbers_of, text_places = itemgetter(*places[: len(ids)]), places[len(ids) :]
        for number, line in lines:
            values = line.split("\t")
            if len(values) != len(header):
                if not line.strip():
                    continue
                raise KnowledgeBaseError(_wrong_width(file.path, number, values, header))
            if seen and values[id_] in seen:
                continue
            if more_packages:
                seen.add(values[id_])
            if inactive or values[active] == "1":
                try:
                    numbers = tuple(map(int, numbers_of(values)))
                except ValueError as error:
                    raise KnowledgeBaseError(
                        f"{file.path}, line {number}, has no number in one of {', '.join(ids)} "
                        f"({error}); "
                        "the file is damaged."
                    ) from error
                yield numbers, [values[place] for place in text_places]


def _places(path: Path, header: Sequence[str], columns: Sequence[str]) -> list[int]:
    for column in columns:
        if column not in header:
            raise KnowledgeBaseError(
                f"{path} has no column '{column}'; its first line names: {', '.join(header)}. "
                "Give a release in Release Format 2."
            )
    return [header.index(column) for column in columns]


def _wrong_width(path: Path, number: int, values: Sequence[str], header: Sequence[str]) -> str:
    missing = f", the first missing is {header[len(values)]}" if len(values) < len(header) else ""
    return (
        f"{path}, line {number}, has {len(values)} columns where its header has "
        f"{len(header)}{missing}; "
        "the file is damaged or cut off."
    )
