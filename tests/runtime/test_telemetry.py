"""ONNX Runtime's official builds send what they run to its maker; biopipe's use of it does not."""

import os
import subprocess
import sys
from pathlib import Path

import onnxruntime
import pytest

from biopipe.runtime.session import Session


def _files_left(folder: Path, code: str, **variables: str) -> list[str]:
    """What a process leaves in its home folder."""
    # Builds do not send from what they take for a test machine.
    unset = {"CI", "GITHUB_ACTIONS", "TF_BUILD", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"HOME": str(folder), **variables}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


def test_nothing_is_kept_to_be_sent(tmp_path: Path) -> None:
    code = "import biopipe.runtime.session, onnxruntime"
    assert _files_left(tmp_path, code) == []


def test_what_a_user_has_set_stays(tmp_path: Path) -> None:
    code = "import os, biopipe.runtime; assert os.environ['ORT_DISABLE_TELEMETRY'] == '0'"
    _files_left(tmp_path, code, ORT_DISABLE_TELEMETRY="0")


@pytest.mark.parametrize(("value", "calls"), [("1", 1), ("0", 0)])
def test_a_program_that_imported_onnxruntime_first(
    value: str, calls: int, tiny_tagger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from biopipe.runtime import session

    called: list[None] = []
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", value)
    monkeypatch.setattr(onnxruntime, "disable_telemetry_events", lambda: called.append(None))
    session._open.cache_clear()
    assert Session(tiny_tagger / "model.onnx").outputs
    assert len(called) == calls
