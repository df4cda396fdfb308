import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biopipe.bulk.parts.pipeline import WritePart, load_pipeline, open_part_writer
from biopipe.bulk.plan import RunPlan
from biopipe.bulk.ray.attempt import (
    Attempt,
    FailedAttempt,
    failed_attempts,
    inputs_done,
    publish_attempt,
    replay_failures,
)
from biopipe.bulk.retry import ExitCause
from biopipe.bulk.tables import TABLES
from biopipe.io.fragments import Fragment, list_fragments
from biopipe.io.run_output.folder import JOURNAL, SCRATCH
from biopipe.io.run_output.journal import read_journal

KILLED = ExitCause("crash", "ended its process", certain=False)
FRAGMENT = Fragment(Path("a.jsonl"), "jsonl", None, "a")

# A backtracking match is native code that keeps all Python threads out.
ENDING = """
import ctypes, os, re, signal, sys
from pathlib import Path
from biopipe.bulk.ray.attempt import Attempt
attempt = Attempt(Path(sys.argv[1]), "a", timeout=float(sys.argv[2]), reading_timeout=0.0)
attempt.on_batch([0, 1], None)
attempt.on_inputs(2)
attempt.on_batch([7], 10)
{ending}
"""
ENDINGS = {
    "re.match('(a+)+$', 'a' * 60 + 'b')": ExitCause(
        "time limit", "took longer than 0.05 seconds", certain=True
    ),
    "os.abort()": ExitCause("crash", "ended its process (SIGABRT)", certain=True),
    "ctypes.string_at(0)": ExitCause("crash", "ended its process (SIGSEGV)", certain=True),
    "os.kill(os.getpid(), signal.SIGKILL)": KILLED,
}


def _writer(pipeline: str, folder: Path) -> WritePart:
    plan = RunPlan(inputs=(), output=folder, pipeline=pipeline)
    return open_part_writer(plan, load_pipeline(plan), folder)


@pytest.mark.parametrize("ending", ENDINGS)
def test_why_a_process_ended_is_known_to_the_next(tmp_path: Path, ending: str) -> None:
    code = ENDING.format(ending=ending)
    timeout = "0.05" if ENDINGS[ending].stage == "time limit" else "600"
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), timeout], capture_output=True, check=False
    )
    assert ended.returncode not in (0, signal.SIGINT), ended.stderr
    assert failed_attempts(tmp_path, "a") == [FailedAttempt(2, (7,), ENDINGS[ending])]
    assert inputs_done(tmp_path) == {"a": 2}


def test_reading_that_takes_too_long_ends_the_process(tmp_path: Path) -> None:
    code = ENDING.format(ending="attempt.on_inputs(1); re.match('(a+)+$', 'a' * 60 + 'b')")
    code = code.replace("reading_timeout=0.0", "reading_timeout=0.05")
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), "600"], capture_output=True, check=False
    )
    assert ended.returncode != 0
    cause = ExitCause("time limit", "read for longer than 0.05 seconds", certain=True)
    attempts = failed_attempts(tmp_path, "a")
    assert [(attempt.rows, attempt.cause) for attempt in attempts] == [((), cause)]
    history = replay_failures(FRAGMENT, attempts * 3)
    assert history.state.is_unreadable
    assert not history.is_stuck


def test_a_finished_attempt_becomes_a_part(tmp_path: Path, pipeline: str, write_input) -> None:
    (fragment,) = list_fragments([str(write_input("a", ["Tumor necrosis factor (TNF).", "x"]))])
    output, scratch = tmp_path / "out", tmp_path / "out" / SCRATCH / "run"
    for folder in (scratch, output / JOURNAL, *(output / table for table in TABLES)):
        folder.mkdir(parents=True)
    assert failed_attempts(scratch, fragment.name) == []
    attempts = [
        Attempt(scratch, fragment.name, timeout=60.0, reading_timeout=60.0) for _ in range(2)
    ]
    for attempt in attempts:
        write = _writer(pipeline, attempt.folder)
        write(
            fragment, attempt.on_inputs, on_batch=lambda rows, to=attempt: to.on_batch(rows, None)
        )
        attempt.close()
    part = publish_attempt(attempts[1].folder, output)
    assert read_journal(output) == {fragment.name: part}
    assert part.is_whole(output)
    assert pq.read_table(output / "documents").num_rows == 2
    assert not list(scratch.iterdir())


def test_nothing_is_written_where_a_later_run_has_swept_up(tmp_path: Path) -> None:
    scratch = tmp_path / "run"
    with pytest.raises(FileNotFoundError):
        Attempt(scratch, "a", timeout=0.0, reading_timeout=0.0)
    assert not scratch.exists()
    scratch.mkdir()
    attempt = Attempt(scratch, "a", timeout=0.0, reading_timeout=0.0)
    for path in sorted(scratch.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    with pytest.raises(FileNotFoundError):
        attempt.on_batch([0], None)
    attempt.close()


def test_deaths_of_earlier_attempts_tell_what_to_run_alone_and_what_to_skip() -> None:
    assert not replay_failures(FRAGMENT, []).state.one_by_one
    first = FailedAttempt(0, (0, 1, 2), KILLED)
    assert replay_failures(FRAGMENT, [first]).state.one_by_one
    alone = FailedAttempt(1, (1,), KILLED)
    assert replay_failures(FRAGMENT, [first, alone]).state.skip == {}
    assert list(replay_failures(FRAGMENT, [first, alone, alone]).state.skip) == [1]
    late = FailedAttempt(
        1, (1,), ExitCause("time limit", "took longer than 1 seconds", certain=True)
    )
    assert replay_failures(FRAGMENT, [first, late]).state.skip[1].stage == "time limit"


def test_deaths_that_teach_nothing_end_it() -> None:
    nothing = FailedAttempt(0, (), KILLED)
    assert not replay_failures(FRAGMENT, [nothing] * 4).is_stuck
    assert replay_failures(FRAGMENT, [nothing] * 5).is_stuck
    reading = FailedAttempt(0, (), ExitCause("crash", "ended its process (SIGSEGV)", certain=True))
    assert replay_failures(FRAGMENT, [reading] * 3).state.is_unreadable
