"""A small knowledge base, and a script that runs a pipeline in other processes."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_kb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three concepts with synonyms."""
    from biopipe.kb.build.compile import compile_kb
    from biopipe.kb.schema import Concept

    concepts = [
        Concept("NCBIGene:1956", "EGFR", ("ERBB1",), ("Gene",)),
        Concept("MESH:D008175", "lung cancer", ("lung neoplasm",), ("Disease",)),
        Concept("MESH:D000077156", "gefitinib", ("Iressa",), ("Chemical",)),
    ]
    folder = tmp_path_factory.mktemp("kb") / "tiny"
    return compile_kb(
        concepts, folder, name="tiny", version="1", licence="CC0-1.0", sources={"test": "1"}
    )
