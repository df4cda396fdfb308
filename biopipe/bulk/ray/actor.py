"""What runs in a Ray actor: one pipeline, opened once, that turns fragments into parts."""

import faulthandler
import os
import pickle
import platform
import socket
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from biopipe.bulk.parts.limits import DocumentLengths
from biopipe.bulk.parts.pipeline import load_pipeline, open_part_writer, run_configuration
from biopipe.bulk.parts.unreadable import write_unreadable
from biopipe.bulk.plan import RunPlan
from biopipe.bulk.ray.attempt import Attempt, failed_attempts, replay_failures
from biopipe.bulk.retry import MAX_LOADING_ATTEMPTS, RetryState, WorkerFailure, loading_failure
from biopipe.errors import BiopipeError, ConfigError, OutputError
from biopipe.io.fragments import Fragment

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["Actor", "loading_deadline", "pickled_error", "pin_to_cores"]

_LOOK_SECONDS = 1.0
_GRACE_SECONDS = 5.0
_LOADING = "loading"


class Actor:
    """For `map_batches`: from the number of a fragment to the folder of an attempt that holds its
    part.

    Errors are results as well, in `error`: what Ray makes of an exception is no sentence.
    """

    def __init__(
        self,
        plan: RunPlan,
        fragments: Sequence[Fragment],
        scratch: Path,
        *,
        configuration: Mapping[str, Any] | None,
    ) -> None:
        self._plan = plan
        self._fragments = fragments
        self._scratch = scratch
        self._error = b""
        try:
            if not scratch.exists():
                raise OutputError(f"The run that wrote to {plan.output} has ended.")
            threading.Thread(target=_end_with, args=(scratch,), daemon=True).start()
            pin_to_cores(plan.cpus)
            self._nlp = _load_counted(plan, scratch)
            _check_configuration(configuration, run_configuration(plan, self._nlp))
        except Exception as error:  # whatever it is, it is the run that tells it
            self._error = pickled_error(error)

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, list[Any]]:
        """The result of a batch of one."""
        (number,) = batch["item"]
        attempt, error = "", self._error
        if not error:
            try:
                attempt = str(self._attempt(self._fragments[number]))
            except Exception as raised:  # as above
                error = pickled_error(raised)
        return {"number": [number], "attempt": [attempt], "error": [error]}

    def _attempt(self, fragment: Fragment) -> Path:
        """The folder with the part of the fragment."""
        history = replay_failures(fragment, failed_attempts(self._scratch, fragment.name))
        if history.is_stuck:
            raise WorkerFailure(
                f"Ray actors keep dying over {fragment.path} and get nothing done; finished parts "
                "are kept: give the actors more memory, or use fewer, and start the same command "
                "again."
            )
        attempt = Attempt(
            self._scratch,
            fragment.name,
            timeout=self._plan.timeout,
            reading_timeout=self._plan.reading_timeout,
        )
        try:
            if history.state.is_unreadable and history.last is not None:
                write_unreadable(
                    fragment,
                    attempt.folder,
                    history.last,
                    keep=self._plan.keep,
                    xrefs=bool(self._plan.xrefs),
                )
            else:
                self._write(history.state, attempt)
        finally:
            attempt.close()
        return attempt.folder

    def _write(self, task: RetryState, attempt: Attempt) -> None:
        lengths = DocumentLengths(task.fragment, self._plan.columns) if task.one_by_one else None

        def on_batch(rows: Sequence[int]) -> None:
            attempt.on_batch(rows, sum(map(lengths.of, rows)) if lengths else None)

        write = open_part_writer(self._plan, self._nlp, attempt.folder)
        write(
            task.fragment,
            attempt.on_inputs,
            on_batch=on_batch,
            skip=task.skip,
            one_by_one=task.one_by_one,
        )


@contextmanager
def loading_deadline(seconds: float) -> Iterator[None]:
    """End this process when the block takes longer; 0 is any time."""
    if seconds:
        faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def pickled_error(error: Exception) -> bytes:
    """An error as another process can raise it."""
    if not isinstance(error, BiopipeError | OSError):
        error = RuntimeError("".join(traceback.format_exception(error)))
    return pickle.dumps(error)


def pin_to_cores(count: int) -> None:
    """Keep to `count` cores that no other actor of this machine has taken."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    first = _machine_slot() * count
    os.sched_setaffinity(0, {cores[(first + number) % len(cores)] for number in range(count)})


def _load_counted(plan: RunPlan, scratch: Path) -> "Language":
    """The pipeline; WorkerFailure where actors before this one did not load it in time.

    Ray starts an actor that ended again and again without end, so those that began to load and did
    not finish are counted by the files they leave.
    """
    folder = scratch.with_name(f"{scratch.name}-{_LOADING}")
    folder.mkdir(exist_ok=True)
    if len(list(folder.iterdir())) >= MAX_LOADING_ATTEMPTS * max(1, plan.workers):
        raise loading_failure(plan.pipeline, plan.loading_timeout)
    mark = folder / uuid4().hex
    mark.touch()
    try:
        with loading_deadline(plan.loading_timeout):
            return load_pipeline(plan)
    finally:
        mark.unlink(missing_ok=True)


_SLOTS: list[socket.socket] = []


def _machine_slot() -> int:
    """A number that no other process of this machine holds; the system takes it back when this one
    ends.
    """
    number = 0
    while True:
        slot = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            slot.bind(f"\0biopipe-actor-{number}")
        except OSError:
            slot.close()
            number += 1
        else:
            _SLOTS.append(slot)
            return number


def _end_with(scratch: Path) -> None:
    """End this process once the run has ended or a later one has deleted its scratch folder.

    An attempt that is under way notices by itself at its next batch, and answers; it has some time
    for that.
    """
    while scratch.exists():
        time.sleep(_LOOK_SECONDS)
    time.sleep(_GRACE_SECONDS)
    os._exit(1)


def _check_configuration(expected: Mapping[str, Any] | None, actual: Mapping[str, Any]) -> None:
    if expected is None or expected == actual:
        return
    keys = sorted(key for key in {*expected, *actual} if expected.get(key) != actual.get(key))
    raise ConfigError(
        f"On {platform.node()} the configuration is another than where the run began (in "
        f"{', '.join(keys)}); give all nodes the same biopipe, the same models and the same "
        "pipeline."
    )
