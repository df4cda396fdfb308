"""Runs that are killed, starved of disk, or whose inputs and outputs are damaged: real processes,
real signals.
"""

import gzip
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biopipe.bulk import run
from biopipe.bulk.tables import TABLES
from biopipe.io.run_output.folder import JOURNAL, SCRATCH
from biopipe.io.run_output.journal import read_journal

DATA = Path(__file__).parents[1] / "data"
PYTHONPATH = os.pathsep.join([str(DATA / "poison"), str(DATA / "no_torch")])
Write = Callable[..., Path]


@pytest.fixture
def poison(tmp_path: Path) -> str:
    """A pipeline with a component of another installed package that does what the texts say."""
    path = tmp_path / "poison.json"
    components = {"biopipe_poison": {"seen": str(tmp_path)}, "biopipe_abbreviations": {}}
    path.write_text(json.dumps({"components": components}))
    return str(path)


def _start(
    pipeline: str, output: Path, workers: int, *inputs: Path, **options: Any
) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "biopipe", "run", *map(str, inputs), "-o", str(output)]
    command += ["--pipeline", pipeline, "--workers", str(workers)]
    environment = {**os.environ, "PYTHONPATH": PYTHONPATH}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, **options)


def _files(output: Path) -> dict[str, bytes]:
    return {
        f"{table}/{path.name}": path.read_bytes()
        for table in TABLES
        for path in (output / table).iterdir()
    }


def _finished(output: Path) -> int:
    return len(os.listdir(output / JOURNAL)) if (output / JOURNAL).is_dir() else 0


def _workers(process: subprocess.Popen[str]) -> list[int]:
    """The worker processes of a run: the children of the process that forks them."""
    return [
        worker
        for child in _children(process.pid)
        if b"forkserver" in _command(child)
        for worker in _children(child)
    ]


def _children(process: int) -> list[int]:
    try:
        return [*map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())]
    except FileNotFoundError:
        return []


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


def _wait_for(process: subprocess.Popen[str], condition: Callable[[], bool]) -> bool:
    """Whether the condition came true before the run ended."""
    while process.poll() is None:
        if condition():
            return True
        time.sleep(0.002)
    return False


def _gates(count: int) -> list[str]:
    """Ten texts a part; in every second part one waits for its gate, so that a run cannot be
    quicker than a test.
    """
    texts = [f"Tumor necrosis factor (TNF) in study {number}." for number in range(20 * count)]
    texts[5::20] = [f"wait gate-{number}" for number in range(count)]
    return texts


@pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="finds the workers of a run in /proc"
)
def test_ten_kills_of_runs_and_workers_change_nothing(
    tmp_path: Path, poison: str, write_input: Write
) -> None:
    path = write_input("a", [*_gates(10), None], row_group_size=10)
    chance = random.Random(6)
    output, whole = tmp_path / "out", tmp_path / "whole"
    process = _start(poison, output, 2, path)
    for kill in range(10):
        before = _finished(output)
        (tmp_path / f"gate-{kill}").touch()
        if kill % 5 == 4:
            time.sleep(
                chance.uniform(0, 2)
            )  # while the run that was just started loads, or already works
        else:
            assert _wait_for(process, lambda: _finished(output) > before and _workers(process))  # noqa: B023
            time.sleep(chance.uniform(0, 0.2))
        if kill % 5 < 3:
            os.kill(chance.choice(_workers(process)), signal.SIGKILL)
        else:
            process.kill()  # its workers are left to themselves
            process.communicate()
            process = _start(poison, output, 2, path)
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    process = _start(poison, whole, 1, path)
    process.communicate()
    assert process.returncode == 0
    assert len(read_journal(whole)) == 21
    assert _files(output) == _files(whole)
    assert list((output / SCRATCH).iterdir()) == []
    assert json.loads((output / "run.json").read_text())["finished"] is True


def _large_json_lines(path: Path) -> Path:
    """12,000 short texts in 9 MB: fragments of 5,000, 5,000 and 2,000 records; a text in each of
    the first two waits for a gate.
    """
    path.parent.mkdir(exist_ok=True)
    waiting = {1000: "wait gate-0", 6000: "wait gate-1"}
    with path.open("w") as file:
        for row in range(12_000):
            text = waiting.get(row, f"Tumor necrosis factor (TNF), {row}.")
            file.write(json.dumps({"id": f"d{row}", "text": text, "note": "x" * 700}) + "\n")
    return path


def test_workers_share_a_large_file_and_a_kill_loses_only_fragments(
    tmp_path: Path, poison: str
) -> None:
    path = _large_json_lines(tmp_path / "in" / "large.jsonl")
    output, whole = tmp_path / "out", tmp_path / "whole"
    process = _start(poison, output, 2, path)
    waiting = [tmp_path / f"gate-{number}.waiting" for number in range(2)]
    # Two fragments of one file are in work at once.
    assert _wait_for(process, lambda: all(mark.exists() for mark in waiting))
    (tmp_path / "gate-1").touch()
    assert _wait_for(process, lambda: _finished(output) == 2)
    process.kill()
    process.communicate()
    (tmp_path / "gate-0").touch()
    process = _start(poison, output, 2, path, stdout=subprocess.PIPE)
    printed, errors = process.communicate()
    assert process.returncode == 0, errors
    assert "2 parts finished before" in printed
    process = _start(poison, whole, 1, path)
    process.communicate()
    assert _files(output) == _files(whole)
    parts = sorted(read_journal(output).values(), key=lambda part: part.first_row)
    assert [(part.first_row, part.counts.documents) for part in parts] == [
        (0, 5000),
        (5000, 5000),
        (10_000, 2000),
    ]
    ids = pq.read_table(output / "documents")["id"].to_pylist()
    assert ids == [f"d{row}" for row in range(12_000)]


def test_a_full_disk_keeps_what_is_finished(
    tmp_path: Path, pipeline: str, write_input: Write
) -> None:
    letters = random.Random(1)
    ids = ["".join(letters.choices("abcdefghijklmnopqrstuvwxyz", k=200)) for _ in range(1000)]
    (tmp_path / "in").mkdir()
    for name, rows in (("a", ids[:10]), ("b", ids), ("c", ids[:10])):
        table = pa.table({"id": rows, "text": ["TNF"] * len(rows)})
        pq.write_table(table, tmp_path / "in" / f"{name}.parquet")
    output = tmp_path / "out"

    def shorten() -> None:
        # No file may be longer than this: writing fails as on a full disk, without one.
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    process = _start(pipeline, output, 1, tmp_path / "in", preexec_fn=shorten)
    _, errors = process.communicate()
    assert process.returncode == 1
    assert errors.startswith("Error: Writing to ")
    assert "finished parts are kept" in errors
    assert len(errors.splitlines()) == 1
    parts = read_journal(output)
    assert [Path(part.input).name for part in parts.values()] == ["a.parquet"]
    assert {name.partition("/")[2] for name in _files(output)} == {
        f"{name}.parquet" for name in parts
    }
    assert list((output / SCRATCH).iterdir()) == []
    summary = run([str(tmp_path / "in")], output, pipeline=pipeline)
    assert (summary.parts, summary.parts_before, summary.counts.documents) == (2, 1, 1020)


def test_inputs_that_break_in_the_middle_are_error_rows(
    tmp_path: Path, pipeline: str, write_input: Write
) -> None:
    texts = ["".join(random.Random(number).choices("abcdefgh ", k=500)) for number in range(40)]
    parquet = write_input("c", texts, row_group_size=10)
    group = pq.read_metadata(parquet).row_group(1)
    content = bytearray(parquet.read_bytes())
    start = group.column(1).data_page_offset
    content[start : start + 200] = bytes(200)
    parquet.write_bytes(content)
    lines = "".join(
        json.dumps({"id": str(number), "text": text}) + "\n" for number, text in enumerate(texts)
    )
    (tmp_path / "in" / "d.jsonl.gz").write_bytes(gzip.compress(lines.encode(), mtime=0)[:-2000])
    (tmp_path / "in" / "e.jsonl").write_text('{"id": "last", "text": "TNF"}\n')
    summary = run([str(tmp_path / "in")], tmp_path / "out", pipeline=pipeline, workers=1)
    errors = pq.read_table(tmp_path / "out" / "errors").to_pylist()
    assert [(Path(row["input"]).name, row["stage"]) for row in errors] == [
        ("c.parquet", "read"),
        ("d.jsonl.gz", "read"),
    ]
    assert errors[0]["row"] == 10
    assert "rows 10 to 19 cannot be read" in errors[0]["error"]
    ids = pq.read_table(tmp_path / "out" / "documents")["id"].to_pylist()
    read = sum(not each.startswith("c-") for each in ids) - 1
    assert 0 < read < 40
    assert errors[1]["row"] == read
    assert len(ids) == 30 + read + 1
    assert "last" in ids
    assert summary.counts.inputs == 40 + read + 2


def test_an_input_that_is_deleted_meanwhile_is_an_error_row(
    tmp_path: Path, poison: str, write_input: Write
) -> None:
    paths = [
        write_input("a", ["wait gate"]),
        write_input("b", ["TNF"] * 3),
        write_input("c", ["TNF"] * 2),
    ]
    process = _start(poison, tmp_path / "out", 1, *paths)
    assert _wait_for(process, lambda: (tmp_path / "out" / "run.json").is_file())
    paths[1].unlink()
    (tmp_path / "gate").touch()
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    (row,) = pq.read_table(tmp_path / "out" / "errors").to_pylist()
    assert (row["input"], row["stage"]) == (str(paths[1]), "read")
    assert f"The input file {paths[1]} does not exist" in row["error"]
    assert pq.read_table(tmp_path / "out" / "documents").num_rows == 3


def test_a_second_run_in_the_folder_is_refused_and_a_crash_leaves_it_free(
    tmp_path: Path, poison: str, pipeline: str, write_input: Write
) -> None:
    path, output = write_input("a", ["TNF", "wait gate"], row_group_size=1), tmp_path / "out"
    first = _start(poison, output, 1, path)
    assert _wait_for(first, lambda: _finished(output) == 1)
    before = _files(output)
    second = _start(poison, output, 1, path)
    _, errors = second.communicate()
    assert second.returncode == 1
    assert f"Another biopipe run (process {first.pid}) is writing to {output}" in errors
    assert _files(output) == before
    first.kill()
    first.communicate()
    (tmp_path / "gate").touch()
    third = _start(poison, output, 1, path)
    _, errors = third.communicate()
    assert third.returncode == 0, errors
    assert pq.read_table(output / "documents").num_rows == 2
