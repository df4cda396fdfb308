"""A worker process as the run that started it sees it."""

import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from typing import Any

from biopipe.bulk.job import Job
from biopipe.bulk.limits import time_limit
from biopipe.bulk.suspects import Cause, Task
from biopipe.bulk.worker import work

__all__ = ["WorkerProcess"]

_SECONDS_TO_END = 10.0
# What a process may get from the system, or from a person, through no fault of its document.
_FROM_OUTSIDE = {signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


class WorkerProcess:
    """Worker `number` of `count`: its fragment, and the documents that it has begun and not
    finished.

    Started by spawn, for an ONNX Runtime session must not cross a fork. `timeout` as in
    `time_limit`, 0 for any time.
    """

    def __init__(self, job: Job, number: int, count: int, *, timeout: float) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, there = context.Pipe()
        self.number = number
        self.task: Task | None = None
        self.done = 0
        self.is_holding = False
        self._timeout = timeout
        self._in_flight: deque[tuple[list[int], int | None]] = deque()
        self._since = 0.0
        self._overdue: tuple[list[int], float] | None = None
        self._process = context.Process(target=work, args=(there, job, number, count), daemon=True)
        with _without_ctrl_c():
            self._process.start()
        there.close()

    @property
    def rows(self) -> list[int]:
        """The rows of the documents in flight."""
        return [row for rows, _ in self._in_flight for row in rows]

    @property
    def deadline(self) -> float | None:
        """When what is in flight will have taken too long, by the monotonic clock; None while
        nothing is.
        """
        if not self._timeout or not self._in_flight or self._overdue is not None:
            return None
        return self._since + time_limit(self._timeout, self._in_flight[0][1])

    def say(self, message: Task | str | None) -> None:
        """Send a message; that a worker has died is heard of in `hear`."""
        with suppress(ConnectionError):
            self.connection.send(message)

    def hand(self, task: Task) -> None:
        """Give the worker a fragment."""
        self.task = task
        self.done = 0
        self.say(task)

    def hear(self) -> tuple[str, Any]:
        """Its next message: a word and what belongs to it (see `work`), or "died" and a Cause."""
        try:
            kind, content = self.connection.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            return "died", self._cause()
        if kind == "batch":
            if not self._in_flight:
                self._since = time.monotonic()
            self._in_flight.append(content)
        elif kind == "inputs":
            self._in_flight.popleft()
            self._since = time.monotonic()
            self.done += content
        return kind, content

    def kill_if_overdue(self) -> None:
        """End a worker whose documents took too long; `hear` tells of it."""
        deadline = self.deadline
        if deadline is not None and time.monotonic() >= deadline and not self.connection.poll():
            self._overdue = self.rows, time_limit(self._timeout, self._in_flight[0][1])
            self._process.kill()

    def end(self) -> None:
        """Wait for a worker that was told to end."""
        self._process.join(_SECONDS_TO_END)

    def kill(self) -> None:
        """End the worker whatever it does."""
        self._process.kill()
        self._process.join()
        self.connection.close()

    def _cause(self) -> Cause:
        if self._overdue is not None:
            rows, limit = self._overdue
            # Another document may have been begun in the moment before the process was killed.
            return Cause(
                "time limit", f"took longer than {limit:g} seconds", certain=rows == self.rows
            )
        code = self._process.exitcode or 0
        if code >= 0:
            return Cause("crash", f"ended its process (exit code {code})", certain=True)
        number = signal.Signals(-code)
        return Cause(
            "crash", f"ended its process ({number.name})", certain=number not in _FROM_OUTSIDE
        )


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Start a process deaf to Ctrl-C: that reaches the whole group, and is the run's own to
    answer.
    """
    resource_tracker.ensure_running()  # else it is started on the way and lets Ctrl-C in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
