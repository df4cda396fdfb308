"""A worker process as the run that started it sees it."""

import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from typing import Any, Literal

from biopipe.bulk.parts.limits import time_limit
from biopipe.bulk.plan import RunPlan
from biopipe.bulk.retry import ExitCause, RetryState
from biopipe.bulk.workers.worker import run_worker

__all__ = ["WorkerProcess"]

_SECONDS_TO_END = 10.0
# What a process may get from the system, or from a person, through no fault of its document.
_SIGNALS_FROM_OUTSIDE = {signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


class WorkerProcess:
    """Worker `number` of `count`: its fragment, and the documents that it has begun and not
    finished.

    On Linux it is forked from a process that has imported the libraries and opened nothing (see
    `biopipe.bulk.workers.preloaded`), for an ONNX Runtime session must not cross a fork. That
    process is started with the first worker and ends with the one that called.
    """

    def __init__(self, plan: RunPlan, number: int, count: int) -> None:
        self.number = number
        self.task: RetryState | None = None
        self.inputs_done = 0
        self.is_holding = False
        self._plan = plan
        self._in_work: deque[tuple[list[int], int | None]] = deque()
        self._since = time.monotonic()
        self._is_loading = True
        self._overdue: tuple[list[int], float] | None = None
        self.connection, self._process = _start(plan, _share_of_cores(number, count))

    @property
    def rows(self) -> list[int]:
        """The rows of the documents in work."""
        return [row for rows, _ in self._in_work for row in rows]

    @property
    def deadline(self) -> float | None:
        """When loading, reading or the documents in work will have taken too long, in seconds of
        the monotonic clock; None while nothing can.
        """
        limit = self._limit()
        return self._since + limit if limit and self._overdue is None else None

    def send(self, message: RetryState | str | None) -> None:
        """Send a message; that the worker has died is seen in `receive`."""
        with suppress(ConnectionError):
            self.connection.send(message)

    def hold(self) -> None:
        """Let the worker, which has loaded the pipeline, hold the output folder."""
        self._is_loading, self._since = True, time.monotonic()
        self.send("hold")

    def assign(self, task: RetryState) -> None:
        """Give the worker a fragment."""
        self.task = task
        self.inputs_done = 0
        self._since = time.monotonic()
        self.send(task)

    def receive(self) -> tuple[str, Any]:
        """The next message: a kind and its content (see `run_worker`), or "died" and an
        ExitCause.
        """
        try:
            kind, content = self.connection.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            return "died", self._exit_cause()
        if kind in {"ready", "holding"}:
            self._is_loading = False
            self.is_holding = kind == "holding"
        elif kind == "batch":
            if not self._in_work:
                self._since = time.monotonic()
            self._in_work.append(content)
        elif kind == "inputs":
            self._in_work.popleft()
            self._since = time.monotonic()
            self.inputs_done += content
        return kind, content

    def kill_if_overdue(self) -> None:
        """End a worker that has taken too long; `receive` then tells of it."""
        deadline = self.deadline
        if deadline is None or time.monotonic() < deadline or self.connection.poll():
            return
        if self._is_loading and _is_building():
            self._since = time.monotonic()
            return
        self._overdue = self.rows, self._limit()
        self._process.kill()  # reaches stopped processes as well

    def wait_for_end(self) -> None:
        """Wait for a worker that was told to end."""
        self._process.join(_SECONDS_TO_END)

    def kill(self) -> None:
        """End the worker whatever it does."""
        self._process.kill()
        self._process.join()
        self.connection.close()

    def _limit(self) -> float:
        """Seconds for what the worker is doing; 0 is any time."""
        if self._is_loading:
            return self._plan.loading_timeout
        if not self._in_work:
            return self._plan.reading_timeout if self.task else 0.0
        return time_limit(self._plan.timeout, self._in_work[0][1])

    def _exit_cause(self) -> ExitCause:
        if self._overdue is not None:
            rows, limit = self._overdue
            if self._is_loading:
                error = f"did not load the pipeline within {limit:g} seconds"
                return ExitCause("loading", error, certain=True)
            if not rows:
                error = f"read for longer than {limit:g} seconds"
                return ExitCause("time limit", error, certain=True)
            # Another document may have been begun in the moment before the process was killed.
            error = f"took longer than {limit:g} seconds"
            return ExitCause("time limit", error, certain=rows == self.rows)
        code = self._process.exitcode or 0
        if code >= 0:
            return ExitCause("crash", f"ended its process (exit code {code})", certain=True)
        number = signal.Signals(-code)
        error = f"ended its process ({number.name})"
        return ExitCause("crash", error, certain=number not in _SIGNALS_FROM_OUTSIDE)


def _is_building() -> bool:
    """Whether the default base is being built, as on first use: that is no hanging, however slow the
    machine is.
    """
    # What builds is seldom needed by a process that only watches.
    from biopipe.kb.build.default_build import is_under_way

    return is_under_way()


def _start(plan: RunPlan, cores: list[int]) -> tuple[Connection, BaseProcess]:
    """A process that works for the plan, and the connection to it."""
    try:
        return _start_by("forkserver" if sys.platform == "linux" else "spawn", plan, cores)
    except (EOFError, ConnectionError):
        # The forking process does not survive its imports. Nor will the worker, but how that ends
        # can be told.
        return _start_by("spawn", plan, cores)


def _start_by(
    method: Literal["forkserver", "spawn"], plan: RunPlan, cores: list[int]
) -> tuple[Connection, BaseProcess]:
    context: ForkServerContext | SpawnContext = (
        multiprocessing.get_context("forkserver")
        if method == "forkserver"
        else multiprocessing.get_context("spawn")
    )
    context.set_forkserver_preload(["biopipe.bulk.workers.preloaded"])
    here, remote = context.Pipe()
    with remote, _blocked_ctrl_c():
        # A process that was forked has the environment of the time when the first one was.
        arguments = (remote, plan, cores, dict(os.environ))
        process = context.Process(target=run_worker, args=arguments, daemon=True)
        process.start()
    return here, process


def _share_of_cores(number: int, count: int) -> list[int]:
    """The cores of worker `number` of `count`; empty where they cannot be chosen."""
    if not hasattr(os, "sched_getaffinity"):
        return []
    cores = sorted(os.sched_getaffinity(0))
    return cores[number::count] or [cores[number % len(cores)]]


@contextmanager
def _blocked_ctrl_c() -> Iterator[None]:
    """Start a process with Ctrl-C blocked: that reaches the whole group, and is the run's own to
    answer.
    """
    resource_tracker.ensure_running()  # else it is started on the way and lets Ctrl-C in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
