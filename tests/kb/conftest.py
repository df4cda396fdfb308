"""A knowledge base with the oddities that lookups meet."""

from collections.abc import Callable
from pathlib import Path

import pytest

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.compile import compile_kb
from biopipe.kb.schema import Concept

CONCEPTS = (
    Concept(
        "MESH:D003924",
        "Diabetes Mellitus, Type 2",
        ("NIDDM", "Maturity-Onset Diabetes", "Sugar disease"),
        ("Disease",),
        "A kind of diabetes.",
        ("MESH:D003920",),
        synonym_kinds=("exact", "related", "broad"),
        source="MeSH",
    ),
    Concept("MESH:D001249", "Asthma", types=("Disease",)),
    Concept("HP:0002099", "Asthma", types=("Phenotype",)),
    Concept("NCBIGene:7454", "WAS", ("WASP",), ("Gene",)),
    Concept("X:10", "cold", types=("Disease",)),
    Concept("X:9", "Cold", types=("Disease",)),
    Concept("X:11", "ice", ("cold",), ("Disease",)),
    Concept("C:1", "1-amino-2-propanol", types=("Chemical",)),
    Concept("C:2", "2-amino-1-propanol", types=("Chemical",)),
    Concept("C:3", "cat", types=("Chemical",)),
    Concept("MESH:D000", "Old diabetes", replaced_by="MESH:D003924"),
)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Compiles concepts, CONCEPTS when none are given, in a folder of their own."""

    def compile_(*concepts: Concept) -> Path:
        directory = tmp_path_factory.mktemp("kb") / "kb"
        return compile_kb(
            concepts or CONCEPTS,
            directory,
            name="test",
            version="7",
            licence="CC0",
            sources={"file.tsv": "abc"},
        )

    return compile_


@pytest.fixture(scope="session")
def kb(compiled: Callable[..., Path]) -> KnowledgeBase:
    return KnowledgeBase.open(compiled())
