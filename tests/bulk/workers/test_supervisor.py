"""Runs whose worker processes crash, hang or are killed; each document that did it is an error
row.
"""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from biopipe.bulk import Progress, run
from biopipe.bulk.retry import WorkerFailure
from biopipe.bulk.tables import TABLES
from biopipe.bulk.workers import process
from biopipe.errors import ConfigError, OutputError

DATA = Path(__file__).parents[2] / "data"
Write = Callable[..., Path]


@pytest.fixture
def poison(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A pipeline with a component of another installed package, which worker processes find as any
    other.
    """
    for name in ("poison", "no_torch"):
        monkeypatch.syspath_prepend(DATA / name)
    path = tmp_path / "poison.json"
    components = {"biopipe_poison": {"seen": str(tmp_path)}, "biopipe_abbreviations": {}}
    path.write_text(json.dumps({"components": components}))
    return str(path)


def _good(count: int) -> list[str]:
    return [f"Tumor necrosis factor (TNF) in study {number}." for number in range(count)]


def _rows(output: Path, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(output / table).to_pylist()
    return rows


def _errors(output: Path) -> list[tuple[int, str, str, str]]:
    return [
        (row["row"], row["document_id"], row["stage"], row["error"])
        for row in _rows(output, "errors")
    ]


def _files(output: Path) -> dict[str, bytes]:
    return {
        f"{table}/{path.name}": path.read_bytes()
        for table in TABLES
        for path in (output / table).iterdir()
    }


def test_documents_that_crash_their_process_are_error_rows(
    tmp_path: Path, poison: str, write_input: Write
) -> None:
    texts = _good(12)
    texts[2], texts[4], texts[6], texts[10] = (
        "segfault now",
        "abort now",
        "exit now",
        "memory is out",
    )
    path = write_input("a", texts, row_group_size=6)
    seen: list[Progress] = []
    summary = run(
        [str(path)], tmp_path / "out", pipeline=poison, workers=2, on_progress=seen.append
    )
    assert (summary.counts.inputs, summary.counts.documents, summary.counts.errors) == (12, 8, 4)
    assert _errors(tmp_path / "out") == [
        (2, "a-2", "crash", "ended its process (SIGSEGV)"),
        (4, "a-4", "crash", "ended its process (SIGABRT)"),
        (6, "a-6", "crash", "ended its process (exit code 3)"),
        (10, "a-10", "crash", "ended its process (SIGKILL)"),
    ]
    kept = sorted(row["id"] for row in _rows(tmp_path / "out", "documents"))
    assert kept == sorted(f"a-{number}" for number in (0, 1, 3, 5, 7, 8, 9, 11))
    assert seen[-1] == Progress(12, 12, 2, 2)


def test_a_document_that_takes_too_long_is_an_error_row(
    tmp_path: Path, poison: str, write_input: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("biopipe.bulk.parts.limits._TIMEOUTS_PER_BATCH", 1)
    texts = _good(4)
    texts[1] = "hang for ever"
    path = write_input("a", texts)
    run([str(path)], tmp_path / "out", pipeline=poison, workers=1, timeout=4)
    assert _errors(tmp_path / "out") == [(1, "a-1", "time limit", "took longer than 4 seconds")]
    assert len(_rows(tmp_path / "out", "documents")) == 3


def test_a_worker_that_is_killed_loses_nothing(
    tmp_path: Path, poison: str, write_input: Write
) -> None:
    path, output = (
        write_input("a", [*_good(3), "mark here", *_good(2)], row_group_size=3),
        tmp_path / "out",
    )

    def kill_it() -> None:
        mark = tmp_path / "here"
        while not (mark.exists() and mark.read_text()):
            time.sleep(0.01)
        os.kill(int(mark.read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill_it)
    killer.start()
    summary = run([str(path)], output, pipeline=poison, workers=1)
    killer.join()
    assert (summary.counts.documents, summary.counts.errors) == (6, 0)
    run([str(path)], tmp_path / "undisturbed", pipeline=poison, workers=1)
    assert _files(output) == _files(tmp_path / "undisturbed")


def test_workers_that_die_at_once_end_the_run(tmp_path: Path, write_input: Write) -> None:
    """Also the process that workers are forked from does not survive its imports."""
    # The first thing a worker does is to import spaCy.
    (tmp_path / "site" / "spacy").mkdir(parents=True)
    (tmp_path / "site" / "spacy" / "__init__.py").write_text("import os\nos._exit(7)\n")
    path = write_input("a", _good(2))
    command = [sys.executable, "-m", "biopipe", "run", str(path), "-o", str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "Error: Worker processes died again and again before they got anything" in ended.stderr
    assert "exit code 7" in ended.stderr
    assert not (tmp_path / "out").exists()


def test_workers_see_what_the_caller_set_after_the_first_of_them_was_started(
    tmp_path: Path, pipeline: str, poison: str, write_input: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_input("a", ["environment BIOPIPE_TEST"])
    run([str(path)], tmp_path / "first", pipeline=pipeline, workers=1)
    monkeypatch.setenv("BIOPIPE_TEST", "seen")
    run([str(path)], tmp_path / "second", pipeline=poison, workers=1)
    assert (tmp_path / "BIOPIPE_TEST").read_text() == "seen"


def _hanging(tmp_path: Path, hangs: int, *, stops: bool) -> str:
    """A pipeline with a component that does not finish loading in the first processes."""
    path = tmp_path / "hanging.json"
    options = {"seen": str(tmp_path), "hangs": hangs, "stops": stops}
    path.write_text(json.dumps({"components": {"biopipe_poison": options}}))
    return str(path)


def test_a_worker_that_is_stopped_while_it_loads_is_replaced(
    tmp_path: Path, poison: str, write_input: Write
) -> None:
    pipeline = _hanging(tmp_path, 1, stops=True)
    path = write_input("a", _good(2))
    summary = run([str(path)], tmp_path / "out", pipeline=pipeline, workers=1, loading_timeout=25)
    assert (summary.counts.documents, summary.counts.errors) == (2, 0)
    assert len(list((tmp_path / "loading").iterdir())) == 2
    assert multiprocessing.active_children() == []


def test_a_pipeline_that_never_loads_ends_the_run(
    tmp_path: Path, poison: str, write_input: Write
) -> None:
    pipeline = _hanging(tmp_path, 99, stops=False)
    path = write_input("a", _good(2))
    with pytest.raises(
        WorkerFailure,
        match=r"hanging\.json' was not loaded within 2 seconds by any of 3 workers .*--loading-timeout",
    ):
        run([str(path)], tmp_path / "out", pipeline=pipeline, workers=2, loading_timeout=2)
    assert not (tmp_path / "out").exists()
    assert multiprocessing.active_children() == []


def test_an_error_of_the_pipeline_is_its_own(
    tmp_path: Path, poison: str, write_input: Write
) -> None:
    path = write_input("a", _good(2))
    (tmp_path / "wrong.json").write_text('{"components": {"biopipe_nothing": {}}}')
    with pytest.raises(ConfigError, match=r"Unknown component 'biopipe_nothing' in .*wrong\.json"):
        run([str(path)], tmp_path / "out", pipeline=str(tmp_path / "wrong.json"), workers=1)
    assert not (tmp_path / "out").exists()


def test_an_error_of_a_worker_is_its_own(tmp_path: Path, poison: str, write_input: Write) -> None:
    path, output = write_input("a", _good(2)), tmp_path / "out"

    def take_away(progress: Progress) -> None:
        (output / "mentions").rmdir()

    with pytest.raises(OutputError, match=r"Writing to .* failed"):
        run([str(path)], output, pipeline=poison, workers=1, on_progress=take_away)


def test_workers_write_what_one_process_writes(
    tmp_path: Path, pipeline: str, poison: str, write_input: Write
) -> None:
    path = write_input("a", [*_good(30), None], row_group_size=8)
    seen: list[Progress] = []
    run([str(path)], tmp_path / "none", pipeline=pipeline)
    summary = run(
        [str(path)], tmp_path / "two", pipeline=pipeline, workers=2, on_progress=seen.append
    )
    assert _files(tmp_path / "two") == _files(tmp_path / "none")
    assert (summary.counts.inputs, summary.counts.documents, summary.parts) == (31, 30, 4)
    assert seen[0] == Progress(0, 31, 0, 4)
    assert seen[-1] == Progress(31, 31, 4, 4)
    assert multiprocessing.active_children() == []


HOLD_LEASE = """
import fcntl, os, signal, sys
signal.signal(signal.SIGIO, signal.SIG_IGN)
file = os.open(sys.argv[1], os.O_RDWR)
try:
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
except OSError:
    print("no leases here", flush=True)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="file leases are of Linux")
def test_an_input_that_does_not_answer_is_an_error_row(tmp_path: Path, pipeline: str) -> None:
    """Whoever opens a file on which another process has a lease waits until that lets go: 45
    seconds, as nobody does here.
    """
    stalled, good = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for path in (stalled, good):
        path.write_text(json.dumps({"id": path.stem, "text": "Tumor necrosis factor (TNF)."}))
    holder = [sys.executable, "-c", HOLD_LEASE, str(stalled)]
    with subprocess.Popen(
        holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        if process.stdout.readline() != "held\n":
            pytest.skip("this file system has no leases")
        inputs = [str(stalled), str(good)]
        run(inputs, tmp_path / "out", pipeline=pipeline, workers=1, reading_timeout=1.5)
        process.kill()
    error = (
        "read for longer than 1.5 seconds again and again while no document was being annotated; "
        "the fragment is left out"
    )
    (row,) = _rows(tmp_path / "out", "errors")
    assert (row["row"], row["document_id"], row["stage"]) == (0, None, "time limit")
    assert row["error"] == error
    assert [row["id"] for row in _rows(tmp_path / "out", "documents")] == ["b"]


def test_pipes_that_nobody_writes_to_do_not_hold_up_a_run(tmp_path: Path, pipeline: str) -> None:
    names = ("a.jsonl", "b.xml", "c.parquet")
    pipes = [str(tmp_path / name) for name in names]
    for pipe in pipes:
        os.mkfifo(pipe)
    good = tmp_path / "d.jsonl"
    good.write_text(json.dumps({"id": "d", "text": "Tumor necrosis factor (TNF)."}))
    sentences = [
        f"The input file {pipe} is a pipe or a device; give the path of a file." for pipe in pipes
    ]

    def run_command(*inputs: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "biopipe", "run", *inputs, "-o", str(tmp_path / "out")]
        return subprocess.run(
            [*command, "--pipeline", pipeline],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    ended = run_command(*pipes[:2], str(good))
    assert ended.returncode == 0, ended.stderr
    errors = [(row["stage"], row["error"]) for row in _rows(tmp_path / "out", "errors")]
    assert sorted(errors) == [("read", sentence) for sentence in sentences[:2]]
    assert [row["id"] for row in _rows(tmp_path / "out", "documents")] == ["d"]
    # The columns of Parquet are looked at before anything is done.
    ended = run_command(pipes[2])
    assert ended.returncode == 1
    assert sentences[2] in ended.stderr


def test_a_worker_has_time_while_the_default_base_is_built(
    tmp_path: Path, poison: str, write_input: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [True, False, False, False]
    monkeypatch.setattr(process, "_is_building", lambda: answers.pop(0))
    pipeline = _hanging(tmp_path, 99, stops=False)
    path = write_input("a", _good(2))
    with pytest.raises(WorkerFailure, match="by any of 3 workers"):
        run([str(path)], tmp_path / "out", pipeline=pipeline, workers=1, loading_timeout=2)
    assert answers == []
