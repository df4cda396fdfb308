"""Chemicals of ChEBI by their label, from the package cellxgene-ontology-guide."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from biopipe.document.labels import CHEMICAL
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.cellxgene import decompress
from biopipe.kb.build.sources.written_chemicals import is_written
from biopipe.kb.schema import Concept

__all__ = ["read"]

# As an object of the file stands; a JSON parser takes a gigabyte and twice the time, for every term
# lists all its ancestors.
_TERM = re.compile(
    rb'"(CHEBI:\d+)":\{"ancestors":\{([^}]*)\},"label":("(?:[^"\\]|\\.)*")'
    rb'(?:,"description":"(?:[^"\\]|\\.)*")?,"deprecated":(true|false)'
)
_CHEMICAL_ENTITY = b'"CHEBI:24431"'


def read(path: Path) -> Iterator[Concept]:
    """Chemical entities with a label that a text may have; roles such as "antibiotic" and retired
    terms are left out.

    KnowledgeBaseError where the file is not laid out as the reader expects.
    """
    content = decompress(path)
    count = 0
    for term in _TERM.finditer(content):
        count += 1
        id_, ancestors, label, deprecated = term.groups()
        if deprecated == b"false" and _CHEMICAL_ENTITY in ancestors:
            name = json.loads(label).strip()
            if is_written(name):
                yield Concept(id_.decode(), name, types=(CHEMICAL,), source="ChEBI")
    # A pattern passes over what it does not match: the counts tell whether it read every term.
    labels = content.count(b'"label":')
    if not count or count != labels:
        raise KnowledgeBaseError(
            f"{path} has {labels:,} labels, of which {count:,} can be read; install the version of "
            "its package that the recipe names."
        )
