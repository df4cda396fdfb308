"""A table of concepts: tab-separated, one concept a line, under a header that names the columns."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.schema import Concept

__all__ = ["concept_of_row", "read", "table_columns"]

_REQUIRED = ("id", "name")


def read(path: Path) -> Iterator[Concept]:
    """Concepts of a table with the columns id and name, and if it likes synonyms, types, parents,
    xrefs (`|` between values), definition and replaced_by; other columns are passed over. Quotes are
    ordinary characters.
    """
    lines = numbered_lines(path)
    first = next(lines, (0, ""))[1]
    if "\t" not in first and first.count(",") > 0:
        raise KnowledgeBaseError(
            f"{path} has commas between its columns, not tabs; give it as the format csv."
        )
    columns = table_columns(first.split("\t"), path)
    for number, line in lines:
        if line.strip():
            yield concept_of_row(line.split("\t"), columns, f"{path}, line {number},")


def table_columns(header: Sequence[str], path: Path) -> dict[str, int]:
    """The place of each column by its name in lower case; KnowledgeBaseError without id and name."""
    columns = {name.strip().lower(): place for place, name in enumerate(header)}
    missing = [name for name in _REQUIRED if name not in columns]
    if missing:
        raise KnowledgeBaseError(
            f"{path} has no column '{missing[0]}'; it needs id and name, and its first line names: "
            f"{', '.join(header)}."
        )
    return columns


def concept_of_row(values: Sequence[str], columns: dict[str, int], where: str) -> Concept:
    """The concept in a row; KnowledgeBaseError, which begins with `where`, without id and name."""
    fields = {name: values[place].strip() for name, place in columns.items() if place < len(values)}
    for name in _REQUIRED:
        if not fields.get(name):
            raise KnowledgeBaseError(f"{where} has no {name}; give every concept an id and a name.")
    return Concept(
        fields["id"],
        fields["name"],
        synonyms=_parts(fields.get("synonyms", "")),
        types=_parts(fields.get("types", "")),
        definition=fields.get("definition", ""),
        parents=_parts(fields.get("parents", "")),
        replaced_by=fields.get("replaced_by", ""),
        xrefs=_parts(fields.get("xrefs", "")),
    )


def _parts(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split("|") if part.strip())
