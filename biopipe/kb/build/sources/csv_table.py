"""A table of concepts as CSV (RFC 4180), under a header that names the columns as `tsv` has them."""

import csv
from collections.abc import Iterator
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.build.sources.tsv import concept_of_row, table_columns
from biopipe.kb.schema import Concept

__all__ = ["read"]


def read(path: Path) -> Iterator[Concept]:
    """Concepts as those of `tsv.read`, with commas between columns, or with semicolons where the
    first line has no comma; values may be quoted.
    """
    lines = [line for _, line in numbered_lines(path)]
    first = lines[0] if lines else ""
    if "\t" in first and "," not in first:
        raise KnowledgeBaseError(
            f"{path} has tabs between its columns, not commas; give it as the format tsv."
        )
    rows = csv.reader(
        (line + "\n" for line in lines), delimiter="," if "," in first or ";" not in first else ";"
    )
    columns = table_columns(next(rows, []), path)
    for values in rows:
        if any(value.strip() for value in values):
            yield concept_of_row(values, columns, f"{path}, line {rows.line_num},")
