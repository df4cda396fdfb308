from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from biopipe.bulk import Progress
from biopipe.cli import progress as module
from biopipe.cli.progress import RunProgress, progress_line


@pytest.mark.parametrize(
    ("progress", "seconds", "line"),
    [
        (Progress(0, None, 0, 1), 0.0, "0 documents, 0.0 a second, 0 of 1 parts"),
        (Progress(50, None, 0, 1), 10.0, "50 documents, 5.0 a second, 0 of 1 parts"),
        (
            Progress(1000, 31000, 2, 9),
            100.0,
            "1,000 of about 31,000 documents, 10.0 a second, 50:00 left, 2 of 9 parts",
        ),
        (
            Progress(10, 36010, 0, 1),
            1.0,
            "10 of about 36,010 documents, 10.0 a second, 1:00:00 left, 0 of 1 parts",
        ),
    ],
)
def test_a_line_has_rate_and_remaining_time(progress: Progress, seconds: float, line: str) -> None:
    assert progress_line(progress, seconds) == line


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    log = StringIO()
    clock = iter([0.0, 1.0, 31.0, 32.0])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    with RunProgress(Console(file=log)) as show:
        for number in range(4):
            show(Progress(number * 10, 40, 0, 1))
    assert log.getvalue() == "20 of about 40 documents, 0.6 a second, 0:31 left, 0 of 1 parts\n"


def test_a_terminal_gets_a_bar_that_goes_away() -> None:
    screen = StringIO()
    with RunProgress(Console(file=screen, force_terminal=True, width=100)) as show:
        show(Progress(10, 40, 0, 1))
        show._bar.refresh()
    assert "10 of about 40 documents" in screen.getvalue()
    assert screen.getvalue().rstrip().endswith("\x1b[2K")


def test_an_interrupted_run_says_what_is_left() -> None:
    show = RunProgress(Console(file=StringIO()))
    assert "no parts of this run are finished in out" in show.interrupted(Path("out"))
    show(Progress(10, 40, 3, 12))
    assert "3 of 12 parts of this run are finished in out" in show.interrupted(Path("out"))
