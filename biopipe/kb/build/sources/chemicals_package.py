"""What the package chemicals carries: names of some 73,000 PubChem compounds, in lower case."""

import re
from collections.abc import Iterator
from pathlib import Path

from biopipe.document.labels import CHEMICAL
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.schema import Concept

__all__ = ["read"]

_SYSTEMATIC, _COMMON = 7, 8
_LONGEST_NAME = 100
# Registry and catalogue numbers, and codes of crystal ligands: nobody writes them in a text for the
# compound.
_CODE = re.compile(
    r"\d{2,7}-\d\d-\d\b.*|\d.{0,2}|."
    r"|(?:ac1|akos|bdbm|brn|ccris|chebi|chembl|einecs|hsdb|mls|ncgc|nsc|schembl|smr"
    r"|stk|unii|un|wln|zinc)[ :-]?[a-z]?\d+.*|caswell no.*|epa pesticide.*|.*\(parent\)|inchi=.*"
)


def read(path: Path) -> Iterator[Concept]:
    """Compounds of a table by PubChem CID; those without one are left out."""
    for _, line in numbered_lines(path):
        values = [value.strip() for value in line.split("\t")]
        names = [name for name in dict.fromkeys(values[_SYSTEMATIC:]) if _is_written(name)]
        if values[0].isdigit() and names:
            common = (
                values[_COMMON] if len(values) > _COMMON and values[_COMMON] in names else names[0]
            )
            synonyms = tuple(name for name in names if name != common)
            yield Concept(
                f"PUBCHEM.COMPOUND:{values[0]}", common, synonyms, (CHEMICAL,), source="PubChem"
            )


def _is_written(name: str) -> bool:
    """Whether a text may have this name; longer ones are systematic names, which no two authors
    write alike.
    """
    return 0 < len(name) <= _LONGEST_NAME and not _CODE.fullmatch(name.lower())
