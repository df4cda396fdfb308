"""The progress of a run on stderr: a bar on a terminal, a line now and then in a log."""

import time
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar

if TYPE_CHECKING:
    from biopipe.bulk.output.progress import Progress

__all__ = ["RunProgress"]

# A log of a night then has a thousand lines.
_SECONDS_BETWEEN_LINES = 30.0


class RunProgress:
    """Call it with each Progress of a run; use it as a context manager, so that the bar goes
    away.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._bar = Bar(
            SpinnerColumn(),
            BarColumn(bar_width=30),
            TextColumn("{task.description}"),
            console=self._console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=None)
        self._started = self._last_line = 0.0
        self._latest: Progress | None = None

    def __enter__(self) -> "RunProgress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A run that fails before its first progress has shown no bar.
        if self._bar.live.is_started:
            self._bar.stop()

    def __call__(self, progress: "Progress") -> None:
        """Show how far the run is."""
        now = time.monotonic()
        # From the first progress on: loading the pipeline is no time a document takes.
        if self._latest is None:
            self._started = self._last_line = now
            if self._console.is_terminal:
                self._bar.start()
        self._latest = progress
        description = progress_line(progress, now - self._started)
        if self._console.is_terminal:
            self._bar.update(
                self._task,
                completed=progress.inputs,
                total=progress.expected,
                description=description,
            )
        # In a file a bar would be thousands of control characters.
        elif now - self._last_line >= _SECONDS_BETWEEN_LINES:
            self._last_line = now
            self._console.print(description, markup=False, highlight=False, soft_wrap=True)

    def interrupted(self, output: str) -> str:
        """What Ctrl-C leaves and how to go on."""
        latest = self._latest
        finished = f"{latest.parts} of {latest.parts_expected}" if latest else "no"
        return (
            f"Interrupted; {finished} parts of this run are finished in {output}. "
            "Start the same command again to go on from there."
        )


def progress_line(progress: "Progress", seconds: float) -> str:
    """Inputs done, inputs per second, the time that remains, and parts."""
    rate = progress.inputs / seconds if seconds > 0 else 0.0
    of_all = f" of about {progress.expected:,}" if progress.expected is not None else ""
    text = f"{progress.inputs:,}{of_all} documents, {rate:.1f} a second"
    if progress.expected is not None and rate:
        text += f", {_duration((progress.expected - progress.inputs) / rate)} left"
    return f"{text}, {progress.parts} of {progress.parts_expected} parts"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(max(seconds, 0.0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
