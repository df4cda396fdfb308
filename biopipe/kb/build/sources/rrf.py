"""Rich Release Format of UMLS: rows between pipes, no header, sorted by their first column.

Columns follow the UMLS Reference Manual, chapter 3 (Metathesaurus: Rich Release Format).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.lines import numbered_lines

__all__ = ["Matching", "Rows", "RrfLayout", "grouped", "rrf_file", "rrf_layout", "rrf_rows"]

Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class RrfLayout:
    """A file of the release: its columns in order, what it is for, and the column of free text if
    it has one.
    """

    file: str
    columns: tuple[str, ...]
    purpose: str
    free: str = ""

    def places(self, *names: str) -> tuple[int, ...]:
        """Where these columns stand."""
        return tuple(self.columns.index(name) for name in names)


def rrf_layout(file: str, header: str, purpose: str, *, free: str = "") -> RrfLayout:
    """A layout whose columns are the words of `header`."""
    return RrfLayout(file, tuple(header.split()), purpose, free)


def rrf_file(folder: Path, layout: RrfLayout) -> Path:
    """The file, plain or gzipped; KnowledgeBaseError when the folder has neither."""
    plain = folder / layout.file
    for path in (plain, plain.with_name(f"{layout.file}.gz")):
        if path.is_file():
            return path
    if parts := sorted(folder.glob(f"{layout.file}.a[a-z]*")):
        end = ".gz" if parts[0].suffix == ".gz" else ""
        raise KnowledgeBaseError(
            f"{folder} has {layout.file} in {len(parts)} parts, as NLM packs it; join them: "
            f"cat {layout.file}.a?{end} > {layout.file}{end}"
        )
    raise KnowledgeBaseError(
        f"There is no {layout.file} (or {layout.file}.gz) in {folder}; it holds {layout.purpose}: "
        "copy it there from the release."
    )


def rrf_rows(
    path: Path, layout: RrfLayout, *, containing: Sequence[str] = ()
) -> Iterator[tuple[int, list[str]]]:
    """(line number, values) of each row, or only of rows that hold one of the strings `containing`.

    A pipe inside the free text is given back to it. KnowledgeBaseError names the row and column
    that is missing.
    """
    width = len(layout.columns)
    for number, line in numbered_lines(path):
        if containing and not any(part in line for part in containing):
            continue
        values = line.split("|")
        # Rows end with a pipe, which makes an empty value.
        if len(values) == width + 1 and not values[width]:
            values.pop()
        elif len(values) != width:
            if not line.strip():
                continue
            values = _repaired(values, layout, f"{path}, line {number},")
        yield number, values


def _repaired(values: list[str], layout: RrfLayout, where: str) -> list[str]:
    width = len(layout.columns)
    given = len(values) - (not values[-1])
    if given < width:
        raise KnowledgeBaseError(
            f"{where} ends before the column {layout.columns[given]} ({given} of {width} columns); "
            "the file is cut off or not of a release in Rich Release Format."
        )
    if not layout.free:
        raise KnowledgeBaseError(
            f"{where} has {given} columns where {layout.file} has {width}; give a release in Rich "
            "Release Format."
        )
    # As many columns as there should be behind it are counted from the end: the rest is its text.
    first = layout.columns.index(layout.free)
    end = given - (width - first - 1)
    return [*values[:first], "|".join(values[first:end]), *values[end:given]]


def grouped(rows: Iterable[tuple[int, list[str]]], where: Path) -> Iterator[tuple[str, Rows]]:
    """Rows that share their first value, group by group; KnowledgeBaseError when they are not in
    order.
    """
    key = ""
    group: Rows = []
    for number, row in rows:
        if row[0] != key:
            if row[0] < key:
                raise KnowledgeBaseError(
                    f"{where}, line {number}, has '{row[0]}' after '{key}'; the rows must be "
                    "sorted by their first "
                    f"column, as NLM delivers them: sort the file with LC_ALL=C sort -t'|' -k1,1."
                )
            if group:
                yield key, group
            key, group = row[0], []
        group.append(row)
    if group:
        yield key, group


class Matching:
    """Groups of a sorted file beside those of another; keys are asked for in ascending order."""

    def __init__(self, groups: Iterator[tuple[str, Rows]]) -> None:
        self._groups = groups
        self._current = next(groups, None)

    def rows(self, key: str) -> Rows:
        """The rows with this key, [] when there are none."""
        # Keys ascend in both files, so neither is ever read back.
        while self._current is not None and self._current[0] < key:
            self._current = next(self._groups, None)
        return self._current[1] if self._current is not None and self._current[0] == key else []
