"""Normal forms and hashes of names, in this process and in one beside it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from biopipe.kb.build import forms_process
from biopipe.kb.build.forms_process import FormsProcess
from biopipe.kb.build.indexed_names import IndexedNames
from biopipe.kb.build.name_forms import TEXTS, name_forms
from biopipe.kb.hashing import name_hash, word_order_hash
from biopipe.kb.prefixes import PREFIX_BITS

NAMES = [
    "Diabetes Mellitus, Type 2",
    "β-catenin",
    "...",
    "gout",
    "é\ud800".encode("utf-8", "replace").decode(),
]


def test_forms_with_their_hashes() -> None:
    batch = name_forms(NAMES)
    assert batch["form"].to_pylist() == [
        "diabetes mellitus type 2",
        "beta catenin",
        "",
        "gout",
        "e",
    ]
    assert batch["hash"].to_pylist() == [name_hash(form) for form in batch["form"].to_pylist()]
    key, *others = batch["order_hash"].to_pylist()
    assert key == word_order_hash("diabetes mellitus type 2")
    assert others[-2:] == [None, None]
    words = ("diabetes", "diabetes mellitus", "diabetes mellitus type")
    assert batch["prefixes"].to_pylist()[0] == [name_hash(w) & PREFIX_BITS for w in words]
    assert name_forms([]).num_rows == 0


def forms_of(process: FormsProcess, batches: list[list[str]]) -> list[pa.RecordBatch]:
    futures = [process.submit(batch) for batch in batches]
    return [future.result() for future in futures]


@pytest.mark.parametrize("cores", [1, 2])
def test_a_process_beside_makes_the_same(
    cores: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(forms_process, "usable_cores", lambda: cores)
    process = FormsProcess()
    batches = [NAMES, NAMES[::-1], NAMES[:2], []]
    assert forms_of(process, batches) == [name_forms(batch) for batch in batches]
    assert (process._connection is not None) == (cores > 1)
    process.close()
    assert capfd.readouterr().err == ""


def test_a_process_that_is_killed_costs_nothing_but_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms_process, "usable_cores", lambda: 2)
    process = FormsProcess()
    forms_of(process, [NAMES, NAMES])
    connection = process._connection
    assert connection is not None
    os.kill(connection._process.pid, signal.SIGKILL)
    assert forms_of(process, [NAMES, NAMES[:1]]) == [name_forms(NAMES), name_forms(NAMES[:1])]
    process.close()


@pytest.mark.parametrize("ends", ["output", "half a batch"])
def test_a_process_whose_asker_is_killed_ends_in_silence(ends: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", forms_process._SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as serving:
        assert serving.stdin is not None
        assert serving.stdout is not None
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, TEXTS) as writer:
            for _ in range(2):
                writer.write_batch(pa.record_batch([pa.array(NAMES)], schema=TEXTS))
        content = sink.getvalue().to_pybytes()
        if ends == "output":
            serving.stdout.close()
        serving.stdin.write(content if ends == "output" else content[: len(content) // 2])
        serving.stdin.close()
        assert serving.stderr is not None
        assert serving.stderr.read() == b""


def test_names_are_the_same_whatever_their_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for size in (2, 100):
        monkeypatch.setattr("biopipe.kb.build.indexed_names._BATCH_NAMES", size)
        names = IndexedNames(tmp_path / f"{size}.spool")
        for row, text in enumerate(NAMES * 30):
            names.add(text, row)
        names.close()
        columns = (names.hashes, names.rows, names.order_hashes, names.order_rows)
        found.append(([each.tolist() for each in columns], names.spool.read_text()))
    assert found[0] == found[1]
    assert len(found[0][0][0]) == 120
