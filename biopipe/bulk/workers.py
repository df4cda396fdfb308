"""Several processes, each with the pipeline loaded once, that take one fragment after the other.

Started by spawn, for an ONNX Runtime session must not cross a fork. A worker lives as long as the run that
started it: when that is killed, the worker ends itself, and a new run waits until it has.
"""

import multiprocessing
import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from biopipe.bulk.job import Job
from biopipe.bulk.journal import Part
from biopipe.bulk.lock import hold_as_worker
from biopipe.errors import BiopipeError
from biopipe.io.fragments import Fragment

__all__ = ["WorkerDied", "run_workers"]


class WorkerDied(BiopipeError):
    """A worker process ended without a word, as one does that the system stops for its memory."""


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection
    fragment: Fragment | None = None


def run_workers(
    fragments: Sequence[Fragment],
    *,
    job: Job,
    count: int,
    on_inputs: Callable[[str, int], None],
    on_part: Callable[[Part], None],
) -> None:
    """Write the parts of `fragments` with `count` processes; the calls come from this process."""
    waiting = deque(fragments)
    workers: dict[Connection, _Worker] = {}
    try:
        count = min(count, len(fragments))
        for number in range(count):
            worker = _start(job, number, count)
            workers[worker.connection] = worker
        while workers:
            for ready in wait(list(workers)):
                assert isinstance(ready, Connection)
                worker = workers[ready]
                kind, content = _receive(worker)
                if kind == "inputs":
                    on_inputs(*content)
                    continue
                if kind == "failed":
                    raise content
                if kind == "part":
                    on_part(content)
                _hand(worker, waiting.popleft() if waiting else None)
                if worker.fragment is None:
                    workers.pop(ready).process.join()
    finally:
        for worker in workers.values():
            worker.process.kill()
            worker.process.join()


def _start(job: Job, number: int, count: int) -> _Worker:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_work, args=(there, job, number, count), daemon=True)
    process.start()
    there.close()
    return _Worker(process, here)


def _hand(worker: _Worker, fragment: Fragment | None) -> None:
    """Give the worker its next fragment, or None to end it."""
    worker.fragment = fragment
    try:
        worker.connection.send(fragment)
    except ConnectionError as error:
        raise _died(worker) from error


def _receive(worker: _Worker) -> tuple[str, Any]:
    try:
        message: tuple[str, Any] = worker.connection.recv()
    except (EOFError, ConnectionError) as error:
        raise _died(worker) from error
    return message


def _died(worker: _Worker) -> WorkerDied:
    worker.process.join()
    code = worker.process.exitcode or 0
    ending = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    where = f" in {worker.fragment.path}" if worker.fragment else ""
    return WorkerDied(
        f"A worker process died{where} ({ending}); finished parts are kept: start the same command again, "
        "with fewer --workers if memory is short."
    )


def _work(connection: Connection, job: Job, number: int, count: int) -> None:
    """The life of a worker: say that it is ready, then turn fragments into parts until None comes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the run ends its workers
    hold_as_worker(job.folder)
    _take_cores(number, count)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        write = job.open()
        connection.send(("ready", None))
        while (fragment := connection.recv()) is not None:
            part = write(fragment, partial(_tell, connection, fragment.name))
            connection.send(("part", part))
    except (EOFError, ConnectionError):
        return  # the run is gone
    except Exception as error:  # whatever it is, it is the run that tells it
        if not isinstance(error, BiopipeError | OSError):
            error = RuntimeError("".join(traceback.format_exception(error)))
        with suppress(ConnectionError):
            connection.send(("failed", error))


def _tell(connection: Connection, name: str, count: int) -> None:
    connection.send(("inputs", (name, count)))


def _take_cores(number: int, count: int) -> None:
    """Keep to a share of the cores; the runtime opens as many threads as a process has cores."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, set(cores[number::count]) or {cores[number % len(cores)]})


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
