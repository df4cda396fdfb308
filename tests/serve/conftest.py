"""A server over a small knowledge base and a component that fails when a text asks for it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_server import RunningServer, running_server


@pytest.fixture(scope="session")
def pipeline_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three concepts, abbreviations, relations of concepts in one sentence, assertions, faults."""
    from biopipe.kb.build.compile import compile_kb
    from biopipe.kb.schema import Concept

    concepts = [
        Concept("NCBIGene:1956", "EGFR", ("ERBB1",), ("Gene",)),
        Concept("MESH:D008175", "lung cancer", ("lung neoplasm",), ("Disease",)),
        Concept("MESH:D000077156", "gefitinib", ("Iressa",), ("Chemical",)),
    ]
    folder = tmp_path_factory.mktemp("served")
    kb = compile_kb(
        concepts, folder / "kb", name="tiny", version="1", licence="CC0-1.0", sources={"test": "1"}
    )
    components = {
        "biopipe_dictionary": {"kb": str(kb)},
        "biopipe_merge": {},
        "biopipe_abbreviations": {},
        "biopipe_relations": {"model": "cooccurrence", "threshold": 0.0},
        "biopipe_assertion": {},
        "faults": {},
    }
    path = folder / "tiny.json"
    path.write_text(json.dumps({"components": components}), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def server(
    pipeline_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    """A server with limits that a test can reach."""
    limits = ["--max-body", "4000", "--max-texts", "20", "--max-characters", "1000"]
    limits += ["--max-requests", "20", "--timeout", "600"]
    log = tmp_path_factory.mktemp("log") / "server.log"
    with running_server(pipeline_file, log, *limits) as running:
        yield running


@pytest.fixture
def hasty_server(pipeline_file: Path, tmp_path: Path) -> Iterator[RunningServer]:
    """A server that gives a request one second."""
    with running_server(pipeline_file, tmp_path / "log", "--timeout", "1") as running:
        yield running
