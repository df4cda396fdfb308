"""Chemicals that another process reads, and what happens where it does not."""

import os
import pickle
import signal
import subprocess
from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build import chemicals_process
from biopipe.kb.build.beside import python_beside
from biopipe.kb.build.chemicals_process import chemicals_beside
from biopipe.kb.build.default_concepts import Supplement
from biopipe.kb.schema import Concept

HERE = [Concept("CHEBI:9", "read here")]
THERE = [Concept("CHEBI:1", "one", xrefs=("MESH:C1",)), Concept("CHEBI:2", "two", ("zwei",))]
SENDS = f"""
import pickle, sys
from biopipe.kb.schema import Concept
files, supplement = pickle.load(sys.stdin.buffer)
assert list(files) == ["joints"]
for concept in {THERE!r}:
    pickle.dump([concept], sys.stdout.buffer)
"""
ENDS = "pickle.dump([], sys.stdout.buffer)"


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chemicals_process, "usable_cores", lambda: 2)
    monkeypatch.setattr(chemicals_process, "chemical_concepts", lambda files, more: iter(HERE))


def remember_processes(monkeypatch: pytest.MonkeyPatch) -> "list[subprocess.Popen[bytes]]":
    started: list[subprocess.Popen[bytes]] = []

    def remembered(code: str, *, stderr: int | None = None) -> "subprocess.Popen[bytes]":
        started.append(python_beside(code, stderr=stderr))
        return started[-1]

    monkeypatch.setattr(chemicals_process, "python_beside", remembered)
    return started


def received(code: str, monkeypatch: pytest.MonkeyPatch) -> list[Concept]:
    monkeypatch.setattr(chemicals_process, "_SERVE", code)
    with chemicals_beside({"joints": [Path("joints.tsv")]}, Supplement()) as chemicals:
        assert chemicals is not None
        return chemicals()


def test_what_another_process_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    assert received(SENDS + ENDS, monkeypatch) == THERE


@pytest.mark.parametrize(
    "code", [SENDS, SENDS + "raise ValueError", "import sys; sys.stdout.write('no')", ""]
)
def test_a_process_that_does_not_send_all_leaves_the_reading_to_this_one(
    code: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert received(code, monkeypatch) == HERE
    assert capfd.readouterr().err == ""


def test_a_process_that_is_killed_costs_nothing_but_time(monkeypatch: pytest.MonkeyPatch) -> None:
    started = remember_processes(monkeypatch)
    monkeypatch.setattr(chemicals_process, "_SERVE", SENDS + "import time; time.sleep(600)")
    with chemicals_beside({"joints": []}, Supplement()) as chemicals:
        assert chemicals is not None
        os.kill(started[0].pid, signal.SIGKILL)
        assert chemicals() == HERE


def test_a_build_that_fails_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started = remember_processes(monkeypatch)
    monkeypatch.setattr(chemicals_process, "_SERVE", "import time; time.sleep(600)")
    with (
        pytest.raises(ValueError, match="of the diseases"),
        chemicals_beside({"joints": []}, Supplement()),
    ):
        raise ValueError("of the diseases")
    assert started[0].returncode == -signal.SIGKILL


def test_one_core_reads_all_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chemicals_process, "usable_cores", lambda: 1)
    with chemicals_beside({}, Supplement()) as chemicals:
        assert chemicals is None


def test_an_error_of_the_files_is_met_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    files = {"mesh_headings": [tmp_path / "missing.jsonl"]}
    monkeypatch.setattr(chemicals_process, "usable_cores", lambda: 2)
    with chemicals_beside(files, Supplement()) as chemicals:
        assert chemicals is not None
        with pytest.raises(KnowledgeBaseError, match=r"missing\.jsonl"):
            chemicals()


def test_a_process_whose_asker_is_gone_ends_in_silence() -> None:
    code = """
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build import chemicals_process
from biopipe.kb.schema import Concept
concepts = [Concept(f"CHEBI:{n}", "name " * 40) for n in range(20_000)]
chemicals_process.chemical_concepts = lambda files, more: iter(concepts)
chemicals_process.serve_chemicals()
"""
    with python_beside(code, stderr=subprocess.PIPE) as serving:
        assert serving.stdin is not None
        assert serving.stdout is not None
        assert serving.stderr is not None
        serving.stdout.close()
        pickle.dump(({}, Supplement()), serving.stdin)
        serving.stdin.close()
        assert serving.stderr.read() == b""
