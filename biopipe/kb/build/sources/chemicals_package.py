"""What the package chemicals carries: names of some 73,000 PubChem compounds, in lower case."""

from collections.abc import Iterator
from pathlib import Path

from biopipe.document.labels import CHEMICAL
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.build.sources.written_chemicals import is_written
from biopipe.kb.schema import Concept

__all__ = ["read"]

# Columns: the systematic name, then the common one and all others.
_SYSTEMATIC, _COMMON = 7, 8


def read(path: Path) -> Iterator[Concept]:
    """Compounds of a table by PubChem CID; those without one are left out."""
    for _, line in numbered_lines(path):
        values = [value.strip() for value in line.split("\t")]
        names = [name for name in dict.fromkeys(values[_SYSTEMATIC:]) if is_written(name)]
        if values[0].isdigit() and names:
            common = (
                values[_COMMON] if len(values) > _COMMON and values[_COMMON] in names else names[0]
            )
            synonyms = tuple(name for name in names if name != common)
            yield Concept(
                f"PUBCHEM.COMPOUND:{values[0]}", common, synonyms, (CHEMICAL,), source="PubChem"
            )
