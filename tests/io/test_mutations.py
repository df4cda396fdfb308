"""Records that are damaged in any way never end a run: a few hundred of the mutations of
benchmarks/mutations.py, which makes thousands.
"""

import importlib.util
import random
from pathlib import Path
from types import ModuleType

import pytest
import spacy

PROJECT = Path(__file__).parent.parent.parent


def harness() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "mutations", PROJECT / "benchmarks" / "mutations.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HARNESS = harness()


@pytest.mark.parametrize("kind", sorted(HARNESS.KINDS))
def test_no_mutation_ends_a_run(kind: str, tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    outcomes = set()
    for number in range(30):
        name, raw = HARNESS.mutations(kind, random.Random(f"tests {number}"))
        (tmp_path / name).write_bytes(raw)
        outcomes.add(HARNESS.check(tmp_path / name, nlp))
    assert outcomes & {"both", "error rows alone"}
