import os
import subprocess
import sys
from pathlib import Path

import pytest

from biopipe.errors import OutputError
from biopipe.io.lock import hold_as_worker, one_writer

HOLD = """
import sys, time
from pathlib import Path
from biopipe.io.lock import hold_as_worker, one_writer
folder = Path(sys.argv[1])
if sys.argv[2] == "worker":
    hold_as_worker(folder)
    print("held", flush=True)
    time.sleep(float(sys.argv[3]))
    (folder / "worker-ended").touch()
else:
    with one_writer(folder):
        print("held", flush=True)
        time.sleep(float(sys.argv[3]))
"""


def _holder(folder: Path, kind: str, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(folder), kind, str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    process.stdout.close()
    return process


def test_a_second_writer_is_told_who_the_first_is_until_that_is_killed(tmp_path: Path) -> None:
    first = _holder(tmp_path, "writer", 60)
    try:
        with (
            pytest.raises(OutputError, match=rf"process {first.pid}\) is writing to .*; wait"),
            one_writer(tmp_path),
        ):
            pass
    finally:
        first.kill()
        first.wait()
    with one_writer(tmp_path):
        assert (tmp_path / ".lock").read_text() == str(os.getpid())
    with one_writer(tmp_path):
        pass


def test_a_new_run_waits_for_workers_that_a_killed_one_left(tmp_path: Path) -> None:
    worker = _holder(tmp_path, "worker", 0.5)
    with one_writer(tmp_path):
        assert (tmp_path / "worker-ended").exists()
    assert worker.wait() == 0


def test_workers_share_the_folder(tmp_path: Path) -> None:
    first, second = hold_as_worker(tmp_path), hold_as_worker(tmp_path)
    assert first != second
    os.close(first)
    os.close(second)
    with one_writer(tmp_path):
        pass


def test_a_worker_that_does_not_end_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("biopipe.io.lock._ORPHAN_SECONDS", 0.1)
    held = hold_as_worker(tmp_path)
    with pytest.raises(OutputError, match="Workers of an earlier run"), one_writer(tmp_path):
        pass
    os.close(held)
