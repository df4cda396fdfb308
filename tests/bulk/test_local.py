import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biopipe.bulk import Progress, Summary, run
from biopipe.bulk.journal import JOURNAL, read_journal
from biopipe.bulk.tables import TABLES
from biopipe.bulk.workers import WorkerDied
from biopipe.errors import ConfigError, InputError, OutputError

RUN = """
import sys
from biopipe.bulk import run
if __name__ == "__main__":
    run(sys.argv[4:], sys.argv[2], pipeline=sys.argv[1], workers=int(sys.argv[3]))
"""


def _files(output: Path) -> dict[str, bytes]:
    """The bytes of every part file."""
    return {
        f"{table}/{path.name}": path.read_bytes() for table in TABLES for path in (output / table).iterdir()
    }


def _texts(count: int) -> list[str]:
    return [f"Tumor necrosis factor (TNF) in study {number}." for number in range(count)]


def _ids(output: Path) -> list[str]:
    return sorted(pq.read_table(output / "documents")["id"].to_pylist())


def test_a_second_run_leaves_finished_parts(tmp_path: Path, pipeline: str, write_input) -> None:
    path, output = write_input("a", _texts(5), row_group_size=2), tmp_path / "out"
    first = run([str(path)], output, pipeline=pipeline)
    assert (first.parts, first.inputs, first.counts.documents) == (3, 5, 5)
    before = {path: path.stat().st_mtime_ns for table in TABLES for path in (output / table).iterdir()}
    second = run([str(path)], output, pipeline=pipeline)
    assert (second.parts, second.parts_before, second.inputs, second.counts.documents) == (0, 3, 0, 5)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_new_inputs_are_added(tmp_path: Path, pipeline: str, write_input) -> None:
    output = tmp_path / "out"
    write_input("a", _texts(3))
    run([str(tmp_path / "in")], output, pipeline=pipeline)
    write_input("b", _texts(2))
    summary = run([str(tmp_path / "in")], output, pipeline=pipeline)
    assert (summary.parts, summary.parts_before, summary.inputs) == (1, 1, 2)
    assert _ids(output) == ["a-0", "a-1", "a-2", "b-0", "b-1"]
    alone = run([str(write_input("c", _texts(1)))], output, pipeline=pipeline)
    assert (alone.parts, alone.counts.documents) == (1, 6)


def test_an_input_that_changed_is_done_again(tmp_path: Path, pipeline: str, write_input) -> None:
    output = tmp_path / "out"
    path = write_input("a", _texts(6), row_group_size=2)
    run([str(path)], output, pipeline=pipeline)
    write_input("a", _texts(3), row_group_size=2)
    summary = run([str(path)], output, pipeline=pipeline)
    assert (summary.parts, summary.parts_redone, summary.counts.documents) == (2, 3, 3)
    assert _ids(output) == ["a-0", "a-1", "a-2"]


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_part_is_done_again(tmp_path: Path, pipeline: str, write_input, damage: str) -> None:
    path, output = write_input("a", _texts(4), row_group_size=2), tmp_path / "out"
    run([str(path)], output, pipeline=pipeline)
    before = _files(output)
    part = sorted((output / "documents").iterdir())[0]
    if damage == "cut":
        os.truncate(part, 100)
    else:
        part.unlink()
    summary = run([str(path)], output, pipeline=pipeline)
    assert (summary.parts, summary.parts_redone) == (1, 1)
    assert _files(output) == before


def test_another_configuration_is_refused_and_restart_begins_again(
    tmp_path: Path, pipeline: str, write_input
) -> None:
    path, output = write_input("a", _texts(2)), tmp_path / "out"
    run([str(path)], output, pipeline=pipeline)
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"components": {"sentencizer": {}, "biopipe_abbreviations": {}}}))
    with pytest.raises(OutputError, match=r"another configuration .*--restart"):
        run([str(path)], output, pipeline=str(other))
    summary = run([str(path)], output, pipeline=str(other), restart=True)
    assert (summary.parts, summary.parts_before, summary.counts.documents) == (1, 0, 2)


def test_run_json_says_what_was_done_with_what(tmp_path: Path, pipeline: str, write_input) -> None:
    output = tmp_path / "out"
    run([str(write_input("a", ["one", None]))], output, pipeline=pipeline)
    content = json.loads((output / "run.json").read_text())
    assert content["finished"] is True
    assert content["configuration"]["pipeline"]["components"][0]["factory"] == "biopipe_abbreviations"
    assert {"python", "biopipe", "onnxruntime"} <= set(content["versions"])
    assert (content["summary"]["documents"], content["summary"]["errors"]) == (1, 1)
    (part,) = content["parts"].values()
    assert part == {"input": str(tmp_path / "in" / "a.parquet"), "row_group": 0, "documents": 1, "errors": 1}


def test_workers_write_the_same_files(tmp_path: Path, pipeline: str, write_input) -> None:
    path = write_input("a", [*_texts(30), None], row_group_size=8)
    seen: list[Progress] = []
    run([str(path)], tmp_path / "one", pipeline=pipeline)
    summary = run([str(path)], tmp_path / "two", pipeline=pipeline, workers=2, on_progress=seen.append)
    assert _files(tmp_path / "two") == _files(tmp_path / "one")
    assert (summary.counts.inputs, summary.counts.documents, summary.parts) == (31, 30, 4)
    assert seen[0] == Progress(0, 31, 0, 4)
    assert seen[-1] == Progress(31, 31, 4, 4)


def test_an_error_of_a_worker_is_the_errors_own(tmp_path: Path, pipeline: str, write_input) -> None:
    path, output = write_input("a", _texts(4), row_group_size=2), tmp_path / "out"

    def fill_up(progress: Progress) -> None:
        shutil.rmtree(output / "mentions", ignore_errors=True)

    with pytest.raises(OutputError, match=r"Writing to .* failed"):
        run([str(path)], output, pipeline=pipeline, workers=2, on_progress=fill_up)


def test_the_output_folder_is_no_input(tmp_path: Path, pipeline: str, write_input) -> None:
    write_input("a", _texts(2))
    output = tmp_path / "in" / "out"
    run([str(tmp_path / "in")], output, pipeline=pipeline)
    assert run([str(tmp_path / "in")], output, pipeline=pipeline).parts == 0
    with pytest.raises(InputError, match="inside the output folder"):
        run([str(output)], output, pipeline=pipeline)


def test_repeated_ids_are_counted_and_kept(tmp_path: Path, pipeline: str) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": ["x", "y", "x", "x"], "text": _texts(4)}), path, row_group_size=2)
    summary = run([str(path)], tmp_path / "out", pipeline=pipeline)
    assert summary.repeated_ids == 2
    assert _ids(tmp_path / "out") == ["x", "x", "x", "y"]


def test_columns_that_no_input_has_are_an_error_before_anything_is_written(
    tmp_path: Path, pipeline: str, write_input
) -> None:
    write_input("a", _texts(1))
    with pytest.raises(InputError, match="no column 'body' for the text; its columns are: id, text"):
        run([str(tmp_path / "in")], tmp_path / "out", pipeline=pipeline, text_column="body")
    assert not (tmp_path / "out").exists()


def test_columns_that_one_of_the_inputs_lacks_are_error_rows(
    tmp_path: Path, pipeline: str, write_input
) -> None:
    write_input("b", _texts(2))
    pq.write_table(pa.table({"id": ["1", "2", "3"], "body": _texts(3)}), tmp_path / "in" / "a.parquet")
    summary = run([str(tmp_path / "in")], tmp_path / "out", pipeline=pipeline)
    assert (summary.counts.inputs, summary.counts.documents, summary.failed, summary.counts.errors) == (
        5,
        2,
        3,
        1,
    )
    assert "no column 'text'" in summary.first_errors[0]


def test_no_workers_are_too_few(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="workers is 0; give 1 or more"):
        run(["a"], tmp_path / "out", workers=0)


def _start(pipeline: str, output: Path, workers: int, inputs: Path) -> subprocess.Popen[bytes]:
    script = output.parent / "run_script.py"
    script.write_text(RUN)
    command = [sys.executable, str(script), pipeline, str(output), str(workers), str(inputs)]
    return subprocess.Popen(command, start_new_session=True)


def _wait_for_parts(process: subprocess.Popen[bytes], output: Path, count: int) -> bool:
    """Whether the run wrote so many journal entries before it ended."""
    journal = output / JOURNAL
    while process.poll() is None:
        if journal.is_dir() and len(os.listdir(journal)) >= count:
            return True
        time.sleep(0.001)
    return False


@pytest.fixture
def undisturbed(tmp_path: Path, pipeline: str, write_input) -> tuple[Path, Path, Summary]:
    """Input of 41 parts, the output of a run nobody disturbed, and its summary."""
    path = write_input("a", [*_texts(400), None], row_group_size=10)
    return path, tmp_path / "whole", run([str(path)], tmp_path / "whole", pipeline=pipeline)


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_at_any_moment_and_started_again_the_output_is_the_same(
    tmp_path: Path, pipeline: str, undisturbed: tuple[Path, Path, Summary], workers: int
) -> None:
    path, whole, summary = undisturbed
    output = tmp_path / "out"
    chance = random.Random(workers)
    kills = 0
    for parts in (1, 12, 24) if workers == 1 else (12,):
        process = _start(pipeline, output, workers, path)
        if _wait_for_parts(process, output, parts):
            time.sleep(chance.uniform(0, 0.03))
            kills += 1
        process.send_signal(signal.SIGKILL)  # the workers are left to themselves
        process.wait()
        assert not json.loads((output / "run.json").read_text())["finished"]
    assert kills == (3 if workers == 1 else 1)
    assert 12 <= len(read_journal(output)) < summary.parts
    last = run([str(path)], output, pipeline=pipeline, workers=workers)
    assert last.counts == summary.counts
    assert last.parts + last.parts_before == summary.parts
    assert _files(output) == _files(whole)
    assert list((output / ".tmp").iterdir()) == []


def test_a_worker_that_is_killed_ends_the_run_with_a_sentence(
    tmp_path: Path, pipeline: str, undisturbed: tuple[Path, Path, Summary]
) -> None:
    path, whole, _ = undisturbed
    output = tmp_path / "out"

    def kill_one(progress: Progress) -> None:
        if progress.parts == 5:
            multiprocessing.active_children()[0].kill()

    with pytest.raises(
        WorkerDied, match=r"A worker process died in .*a\.parquet \(SIGKILL\); finished parts are kept"
    ):
        run([str(path)], output, pipeline=pipeline, workers=2, on_progress=kill_one)
    run([str(path)], output, pipeline=pipeline)
    assert _files(output) == _files(whole)
