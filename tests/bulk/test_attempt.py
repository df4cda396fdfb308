import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biopipe.bulk.attempt import Attempt, Lost, adopt, inputs_done, lost_attempts, suspected
from biopipe.bulk.job import Job
from biopipe.bulk.journal import JOURNAL, SCRATCH, read_journal
from biopipe.bulk.part import Columns
from biopipe.bulk.suspects import Cause
from biopipe.bulk.tables import TABLES
from biopipe.io.fragments import Fragment, list_fragments

KILLED = Cause("crash", "ended its process", certain=False)
FRAGMENT = Fragment(Path("a.jsonl"), "jsonl", None, "a")

# A backtracking match is native code that keeps all Python threads out.
ENDING = """
import ctypes, os, re, signal, sys
from pathlib import Path
from biopipe.bulk.attempt import Attempt
attempt = Attempt(Path(sys.argv[1]), "a", timeout=0.05)
attempt.on_batch([0, 1], None)
attempt.on_inputs(2)
attempt.on_batch([7], 10)
{ending}
"""
ENDINGS = {
    "re.match('(a+)+$', 'a' * 60 + 'b')": Cause(
        "time limit", "took longer than 0.05 seconds", certain=True
    ),
    "os.abort()": Cause("crash", "ended its process (SIGABRT)", certain=True),
    "ctypes.string_at(0)": Cause("crash", "ended its process (SIGSEGV)", certain=True),
    "os.kill(os.getpid(), signal.SIGKILL)": KILLED,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_why_a_process_ended_is_known_to_the_next(tmp_path: Path, ending: str) -> None:
    code = ENDING.format(ending=ending)
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, check=False
    )
    assert ended.returncode not in (0, signal.SIGINT), ended.stderr
    assert lost_attempts(tmp_path, "a") == [Lost(2, (7,), ENDINGS[ending])]
    assert inputs_done(tmp_path) == {"a": 2}


def test_a_finished_attempt_becomes_a_part(tmp_path: Path, pipeline: str, write_input) -> None:
    (fragment,) = list_fragments([str(write_input("a", ["Tumor necrosis factor (TNF).", "x"]))])
    output, scratch = tmp_path / "out", tmp_path / "out" / SCRATCH / "run"
    for folder in (scratch, output / JOURNAL, *(output / table for table in TABLES)):
        folder.mkdir(parents=True)
    assert lost_attempts(scratch, fragment.name) == []
    attempts = [Attempt(scratch, fragment.name, timeout=60.0) for _ in range(2)]
    for attempt in attempts:
        write = Job(pipeline, attempt.folder, Columns()).open()
        write(
            fragment, attempt.on_inputs, on_batch=lambda rows, to=attempt: to.on_batch(rows, None)
        )
        attempt.close()
    part = adopt(attempts[1].folder, output)
    assert read_journal(output) == {fragment.name: part}
    assert part.is_whole(output)
    assert pq.read_table(output / "documents").num_rows == 2
    assert not list(scratch.iterdir())


def test_nothing_is_written_where_a_later_run_has_swept_up(tmp_path: Path) -> None:
    scratch = tmp_path / "run"
    with pytest.raises(FileNotFoundError):
        Attempt(scratch, "a", timeout=0.0)
    assert not scratch.exists()
    scratch.mkdir()
    attempt = Attempt(scratch, "a", timeout=0.0)
    for path in sorted(scratch.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    with pytest.raises(FileNotFoundError):
        attempt.on_batch([0], None)
    attempt.close()


def test_deaths_of_earlier_attempts_tell_what_to_run_alone_and_what_to_skip() -> None:
    assert not suspected(FRAGMENT, []).task.one_by_one
    first = Lost(0, (0, 1, 2), KILLED)
    assert suspected(FRAGMENT, [first]).task.one_by_one
    alone = Lost(1, (1,), KILLED)
    assert suspected(FRAGMENT, [first, alone]).task.skip == {}
    assert list(suspected(FRAGMENT, [first, alone, alone]).task.skip) == [1]
    late = Lost(1, (1,), Cause("time limit", "took longer than 1 seconds", certain=True))
    assert suspected(FRAGMENT, [first, late]).task.skip[1].stage == "time limit"


def test_deaths_that_teach_nothing_end_it() -> None:
    nothing = Lost(0, (), KILLED)
    assert not suspected(FRAGMENT, [nothing] * 4).is_stuck
    assert suspected(FRAGMENT, [nothing] * 5).is_stuck
    reading = Lost(0, (), Cause("crash", "ended its process (SIGSEGV)", certain=True))
    assert suspected(FRAGMENT, [reading] * 3).task.is_hopeless
