"""Tiny models, a document to find relations in, and which tests are slow."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from browser import browser_page as browser_page
from hypothesis import HealthCheck, settings

from biopipe.document import Document, Mention
from biopipe.testing import tiny_model

# No test fails because the machine is busy: neither an example nor the making of one has a time.
# Where CI runs, the examples are the same in every run, so that what failed there fails here.
settings.register_profile(
    "biopipe",
    deadline=None,
    derandomize="CI" in os.environ,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("biopipe")

TESTS = Path(__file__).parent
# Files and folders whose tests start processes that load whole pipelines, train, or build wheels.
SLOW = (
    "bulk/ray",
    "bulk/test_chain.py",
    "bulk/test_deterministic.py",
    "bulk/test_faults.py",
    "bulk/test_interrupt.py",
    "bulk/test_runner.py",
    "bulk/test_spark.py",
    "bulk/workers",
    "cli/test_run.py",
    "cli/test_train.py",
    "serve/test_bad_bodies.py",
    "serve/test_page.py",
    "serve/test_server.py",
    "test_packaging.py",
    "train",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow; `pytest -m "not slow"` leaves it out."""
    missing = [name for name in SLOW if not (TESTS / name).exists()]
    if missing:
        raise pytest.UsageError(f"SLOW in tests/conftest.py names {missing}, which are not there.")
    folders = [TESTS / name for name in SLOW]
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in folders):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def run_limited() -> Callable[[str], None]:
    """Runs Python code in a process that the system ends after 30 seconds of its processor's time.

    For code whose work must grow with its input alone: what takes a second where it does, and hours
    where it grows with the square, fails on any machine that is not thirty times slower, however
    busy it is.
    """

    def run(code: str) -> None:
        limit = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (30, 30))\n"
        done = subprocess.run([sys.executable, "-c", limit + code], capture_output=True, text=True)
        assert done.returncode == 0, f"{done.returncode}\n{done.stderr}"

    return run


@pytest.fixture(scope="session")
def make_models() -> ModuleType:
    """tests/data/make_models.py, which makes checkpoints with torch."""
    pytest.importorskip("torch", reason="needs the extra 'train'", exc_type=ImportError)
    path = Path(__file__).parent / "data" / "make_models.py"
    spec = importlib.util.spec_from_file_location("make_models", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tiny_bert() -> Path:
    """A Hugging Face encoder checkpoint."""
    return tiny_model("tiny-bert")


@pytest.fixture(scope="session")
def tiny_tagger_checkpoint(
    make_models: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A Hugging Face token classifier with random weights."""
    folder: Path = make_models.write_tagger(tmp_path_factory.mktemp("tiny") / "tagger")
    return folder


@pytest.fixture(scope="session")
def tiny_tagger() -> Path:
    """A tagger's model directory (fp32 ONNX, random weights: it finds nonsense, but the same
    nonsense always).
    """
    return tiny_model("tiny-tagger")


@pytest.fixture(scope="session")
def tiny_tagger_states() -> Path:
    """The same tagger with the states of its first layer."""
    return tiny_model("tiny-tagger-states")


@pytest.fixture(scope="session")
def tiny_relation_checkpoint(
    tiny_bert: Path, make_models: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A relation checkpoint with random weights, as `biopipe train relations` writes one."""
    folder = tmp_path_factory.mktemp("tiny") / "relations"
    checkpoint: Path = make_models.write_relations(folder, tiny_bert)
    return checkpoint


@pytest.fixture(scope="session")
def tiny_relations() -> Path:
    """A relation extractor's model directory (fp32 ONNX, random weights)."""
    return tiny_model("tiny-relations")


@pytest.fixture
def linked_document() -> Document:
    """Two genes, a disease and a chemical, one mention without an id."""
    text = (
        "BRCA1 and TP53 in breast cancer. "
        "Cisplatin treats breast cancer with BRCA1 loss, and olaparib too."
    )
    spans = [
        ("BRCA1", "Gene", "NCBIGene:672"),
        ("TP53", "Gene", "NCBIGene:7157"),
        ("breast cancer", "Disease", "MESH:D001943"),
        ("Cisplatin", "Chemical", "MESH:D002945"),
        ("olaparib", "Chemical", ""),
    ]
    mentions = []
    for word, label, concept in spans:
        start = text.find(word)
        while start >= 0:
            mentions.append(
                Mention(start, start + len(word), label, concept_ids=(concept,) if concept else ())
            )
            start = text.find(word, start + 1)
    return Document("d1", text, mentions=tuple(sorted(mentions, key=lambda m: m.start)))
