"""What runs in a Ray actor: one pipeline, opened once, that turns fragments into parts."""

import os
import pickle
import platform
import socket
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from biopipe.bulk.attempt import Attempt, lost_attempts, suspected
from biopipe.bulk.job import Job
from biopipe.bulk.limits import Lengths
from biopipe.bulk.suspects import Task
from biopipe.bulk.unreadable import write_unreadable
from biopipe.bulk.workers import WorkerDied
from biopipe.errors import BiopipeError, ConfigError, OutputError
from biopipe.io.fragments import Fragment

__all__ = ["Actor", "portable", "take_cores"]

_LOOK_SECONDS = 1.0
_GRACE_SECONDS = 5.0


class Actor:
    """For `map_batches`: from the number of a fragment to the folder of an attempt that holds its
    part.

    Errors are results as well, in `error`: what Ray makes of an exception is no sentence.
    """

    def __init__(
        self,
        job: Job,
        fragments: Sequence[Fragment],
        scratch: Path,
        *,
        configuration: Mapping[str, Any] | None,
        timeout: float,
        cores: int,
    ) -> None:
        self._job = job
        self._fragments = fragments
        self._scratch = scratch
        self._timeout = timeout
        self._error = b""
        try:
            if not scratch.exists():
                raise OutputError(f"The run that wrote to {job.folder} has ended.")
            threading.Thread(target=_end_with, args=(scratch,), daemon=True).start()
            take_cores(cores)
            self._nlp = job.load()
            _check(configuration, job.configuration(self._nlp))
        except Exception as error:  # whatever it is, it is the run that tells it
            self._error = portable(error)

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, list[Any]]:
        """The result of a batch of one."""
        (number,) = batch["item"]
        attempt, error = "", self._error
        if not error:
            try:
                attempt = str(self._attempt(self._fragments[number]))
            except Exception as raised:  # as above
                error = portable(raised)
        return {"number": [number], "attempt": [attempt], "error": [error]}

    def _attempt(self, fragment: Fragment) -> Path:
        """The folder with the part of the fragment."""
        before = suspected(fragment, lost_attempts(self._scratch, fragment.name))
        if before.is_stuck:
            raise WorkerDied(
                f"Ray actors keep dying over {fragment.path} and get nothing done; finished parts are kept: give "
                "the actors more memory, or use fewer, and start the same command again."
            )
        attempt = Attempt(self._scratch, fragment.name, timeout=self._timeout)
        try:
            if before.task.is_hopeless and before.last is not None:
                write_unreadable(fragment, attempt.folder, before.last)
            else:
                self._write(before.task, attempt)
        finally:
            attempt.close()
        return attempt.folder

    def _write(self, task: Task, attempt: Attempt) -> None:
        lengths = Lengths(task.fragment, self._job.columns) if task.one_by_one else None

        def on_batch(rows: Sequence[int]) -> None:
            attempt.on_batch(rows, sum(map(lengths.of, rows)) if lengths else None)

        write = replace(self._job, folder=attempt.folder).open(self._nlp)
        write(
            task.fragment,
            attempt.on_inputs,
            on_batch=on_batch,
            skip=task.skip,
            one_by_one=task.one_by_one,
        )


def portable(error: Exception) -> bytes:
    """An error as another process can raise it."""
    if not isinstance(error, BiopipeError | OSError):
        error = RuntimeError("".join(traceback.format_exception(error)))
    return pickle.dumps(error)


def take_cores(count: int) -> None:
    """Keep to `count` cores that no other actor of this machine has taken."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    first = _slot() * count
    os.sched_setaffinity(0, {cores[(first + each) % len(cores)] for each in range(count)})


_HELD: list[socket.socket] = []


def _slot() -> int:
    """A number that no other process of this machine holds; the system takes it back when this one
    ends.
    """
    number = 0
    while True:
        held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            held.bind(f"\0biopipe-actor-{number}")
        except OSError:
            held.close()
            number += 1
        else:
            _HELD.append(held)
            return number


def _end_with(scratch: Path) -> None:
    """End this process once the run has ended or a later one has swept up after it.

    An attempt that is under way notices by itself at its next batch, and answers; it has some time
    for that.
    """
    while scratch.exists():
        time.sleep(_LOOK_SECONDS)
    time.sleep(_GRACE_SECONDS)
    os._exit(1)


def _check(expected: Mapping[str, Any] | None, found: Mapping[str, Any]) -> None:
    if expected is None or expected == found:
        return
    names = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))
    raise ConfigError(
        f"On {platform.node()} the configuration is another than where the run began (in {', '.join(names)}); "
        "give all nodes the same biopipe, the same models and the same pipeline."
    )
