"""A bar on stderr while a knowledge base is built."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

__all__ = ["BuildBars", "build_bars", "progress_bar"]


@contextmanager
def progress_bar(title: str, *, about: int | None = None) -> Iterator[Callable[[int], None]]:
    """Yields what takes the number of concepts read so far; `about` is how many are expected. The
    bar comes with the first, so that an error before it stands alone.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True))
    task = bar.add_task(title, total=about)

    def advance(count: int) -> None:
        bar.start()
        # What was expected may be too few; a bar never goes beyond its end.
        bar.update(task, completed=count, total=max(count, about) if about else None)

    try:
        yield advance
        finished = int(bar.tasks[0].completed)
        bar.update(task, total=finished, completed=finished)
    finally:
        if bar.live.is_started:
            bar.stop()


class BuildBars:
    """One bar for the concepts that are read, and one for each stage of the build after that."""

    def __init__(self, bar: Progress, title: str) -> None:
        self._bar, self._title = bar, title
        self._reading: TaskID = bar.add_task(title, total=None)
        self._stages: dict[str, TaskID] = {}
        self._count = 0

    def read(self, count: int) -> None:
        """Show the number of concepts read so far."""
        self._count = count
        self._bar.update(self._reading, completed=count)

    def doing(self, what: str, count: int) -> None:
        """Show what is being done, such as "reading diseases", and the number of concepts so far."""
        self._bar.update(self._reading, description=f"{self._title}: {what}")
        self.read(count)

    def stage(self, what: str, done: int, total: int) -> None:
        """Show a stage, such as "vectors", and the time it still takes."""
        if what not in self._stages:
            self._bar.update(self._reading, total=self._count, description=self._title)
            self._stages[what] = self._bar.add_task(what, total=total)
        self._bar.update(self._stages[what], completed=done, total=total)


@contextmanager
def build_bars(title: str) -> Iterator[BuildBars]:
    """Bars on stderr for `compile_kb`'s `progress` and `stage`."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield BuildBars(bar, title)
