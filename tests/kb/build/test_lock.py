"""One builder at a time."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.lock import is_locked, one_builder


def test_a_second_builder_waits_until_the_first_is_done_or_dead(tmp_path: Path) -> None:
    lock, marker = tmp_path / "x.lock", tmp_path / "holding"
    code = (
        "import sys, time, pathlib; from biopipe.kb.build.lock import one_builder\n"
        "with one_builder(pathlib.Path(sys.argv[1])):\n"
        "    pathlib.Path(sys.argv[2]).touch(); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(lock), str(marker)]) as holder:
        try:
            for _ in range(600):
                if marker.exists():
                    break
                time.sleep(0.05)
            assert marker.exists()
            waiting = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    code.replace("time.sleep(600)", "pass"),
                    str(lock),
                    str(tmp_path / "second"),
                ]
            )
            with waiting:
                time.sleep(1.5)
                assert waiting.poll() is None
                holder.kill()
                assert waiting.wait(30) == 0
        finally:
            holder.kill()
    assert (tmp_path / "second").exists()


def test_whether_somebody_builds(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    assert not is_locked(lock)
    assert not lock.exists()
    with one_builder(lock):
        assert is_locked(lock)
    assert not is_locked(lock)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(KnowledgeBaseError, match="set BIOPIPE_CACHE"),
        one_builder(tmp_path / "file" / "a.lock"),
    ):
        pass
