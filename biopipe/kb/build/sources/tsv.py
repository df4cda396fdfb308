"""A table of concepts: tab-separated, one concept a line, under a header that names the columns."""

from collections.abc import Iterator
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.schema import Concept

__all__ = ["read"]

_REQUIRED = ("id", "name")


def read(path: Path) -> Iterator[Concept]:
    """Concepts of a table with the columns id and name, and if it likes synonyms, types, parents
    (`|` between values), definition and replaced_by; other columns are passed over. Quotes are
    ordinary characters.
    """
    lines = numbered_lines(path)
    header = next(lines, (0, ""))[1].split("\t")
    columns = {name.strip().lower(): place for place, name in enumerate(header)}
    missing = [name for name in _REQUIRED if name not in columns]
    if missing:
        raise KnowledgeBaseError(
            f"{path} has no column '{missing[0]}'; it needs id and name, and its first line names: "
            f"{', '.join(header)}."
        )
    for number, line in lines:
        if line.strip():
            yield _concept(line.split("\t"), columns, f"{path}, line {number},")


def _concept(values: list[str], columns: dict[str, int], where: str) -> Concept:
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
    )


def _parts(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split("|") if part.strip())
