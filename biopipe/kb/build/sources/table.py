"""Rows of a tab-separated file under a header, by the names that a reader gives its columns."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.lines import numbered_lines

__all__ = ["columns_of", "table_rows"]


def table_rows(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    *,
    required: Collection[str],
    separator: str = "\t",
) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, values by our names) of each row that is not empty.

    `columns` maps our names to the headings that releases have used for them, whatever their case.
    KnowledgeBaseError names the first of `required` that the header has not, or a row that is too
    short for them.
    """
    lines = numbered_lines(path)
    number, line = next(lines, (1, ""))
    header = line.lstrip("#").split(separator)
    places = columns_of(header, columns, required=required, where=f"{path}, line {number},")
    last = max(places[name] for name in required)
    for number, line in lines:
        values = line.split(separator)
        if len(values) > last:
            yield (
                number,
                {name: values[place] for name, place in places.items() if place < len(values)},
            )
        elif line.strip():
            raise KnowledgeBaseError(
                f"{path}, line {number}, has {len(values)} columns where its header has "
                f"{len(header)}; "
                "the file is damaged or cut off."
            )


def columns_of(
    header: Sequence[str],
    columns: Mapping[str, Sequence[str]],
    *,
    required: Collection[str],
    where: str,
) -> dict[str, int]:
    """The place of each column that is there; KnowledgeBaseError when a required one is not."""
    places_by_heading = {
        heading.strip().strip('"').lower(): place
        # Reversed, so that of two columns with one heading the first counts.
        for place, heading in reversed(list(enumerate(header)))
    }
    places = {
        name: places_by_heading[heading.lower()]
        for name, headings in columns.items()
        if (
            heading := next((name_ for name_ in headings if name_.lower() in places_by_heading), "")
        )
    }
    for name in required:
        if name not in places:
            raise KnowledgeBaseError(
                f"{where} has no column '{columns[name][0]}'; the columns there are: "
                f"{', '.join(heading.strip() for heading in header[:20])}."
            )
    return places
