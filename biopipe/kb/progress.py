"""A bar on stderr while a knowledge base is built."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(title: str, *, about: int | None = None) -> Iterator[Callable[[int], None]]:
    """Yields what takes the number of concepts read so far; `about` is how many are expected."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=about)

        def advance(count: int) -> None:
            bar.update(task, completed=count, total=max(count, about) if about else None)

        yield advance
        finished = int(bar.tasks[0].completed)
        bar.update(task, total=finished, completed=finished)
