"""One attempt of a Ray actor at a fragment, in a folder of its own, so that two of them can never
mix their files.
"""

import faulthandler
import json
import shutil
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from uuid import uuid4

from biopipe.bulk.parts.limits import time_limit
from biopipe.bulk.retry import ExitCause, ExitStreak, RetryState
from biopipe.io.atomic import publish_file
from biopipe.io.fragments import Fragment
from biopipe.io.run_output.folder import JOURNAL, RUN_TABLES, SCRATCH, part_file
from biopipe.io.run_output.journal import Part, read_journal

__all__ = [
    "Attempt",
    "FailedAttempt",
    "FragmentHistory",
    "failed_attempts",
    "inputs_done",
    "publish_attempt",
    "replay_failures",
]

_STATUS = "running.json"
_TRACEBACK = "end.txt"
_SIGNALS = {
    "Segmentation fault": "SIGSEGV",
    "Aborted": "SIGABRT",
    "Bus error": "SIGBUS",
    "Floating-point exception": "SIGFPE",
    "Illegal instruction": "SIGILL",
}


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """How far an attempt got whose process ended: inputs dealt with, rows in work, and why it
    ended.
    """

    inputs: int
    rows: tuple[int, ...]
    cause: ExitCause


class Attempt:
    """A folder laid out like an output folder for one part, with a file that says how far it is;
    close it when done.

    Whoever tries the fragment next reads there which rows were in work when the process ended, and
    why it did. With a `timeout` in seconds the process is ended when a batch takes longer (see
    `time_limit`), with a `reading_timeout` when there is no batch for longer. FileNotFoundError
    once a later run has deleted the scratch folder.
    """

    def __init__(self, scratch: Path, name: str, *, timeout: float, reading_timeout: float) -> None:
        folder = scratch / name
        # Not `parents`: a scratch folder that a later run has deleted must not come back.
        folder.mkdir(exist_ok=True)
        number = len(list(folder.iterdir()))
        self.folder = folder / f"{number:04}-{uuid4().hex}"
        self.folder.mkdir()
        for subfolder in (SCRATCH, JOURNAL, *RUN_TABLES):
            (self.folder / subfolder).mkdir()
        self._timeout = timeout
        self._reading_timeout = reading_timeout
        # A handler that needs no Python tells of native code that crashes, or that lets no Python
        # run.
        self._traceback: TextIO = (self.folder / _TRACEBACK).open("w")
        self._was_enabled = faulthandler.is_enabled()
        faulthandler.enable(file=self._traceback)
        self._inputs = 0
        self._in_work: deque[tuple[Sequence[int], int | None]] = deque()
        self._restart_timer()
        self._write_status()

    def on_batch(self, rows: Sequence[int], characters: int | None) -> None:
        """The rows are about to be annotated; `characters` is the length of one that runs alone."""
        self._in_work.append((rows, characters))
        if len(self._in_work) == 1:
            self._restart_timer()
        self._write_status()

    def on_inputs(self, count: int) -> None:
        """The oldest batch is written."""
        self._in_work.popleft()
        self._inputs += count
        self._restart_timer()
        self._write_status()

    def close(self) -> None:
        """Stop watching the process."""
        faulthandler.cancel_dump_traceback_later()
        faulthandler.disable()
        if self._was_enabled and sys.__stderr__ is not None:
            faulthandler.enable(file=sys.__stderr__)
        self._traceback.close()

    def _limit(self) -> float:
        if not self._in_work:
            return self._reading_timeout
        return time_limit(self._timeout, self._in_work[0][1])

    def _restart_timer(self) -> None:
        """Give the oldest batch, or reading where there is none, its time from now."""
        faulthandler.cancel_dump_traceback_later()
        if limit := self._limit():
            faulthandler.dump_traceback_later(limit, exit=True, file=self._traceback)

    def _write_status(self) -> None:
        rows = [row for batch, _ in self._in_work for row in batch]
        content = {"inputs": self._inputs, "rows": rows, "limit": self._limit()}
        # Not durable: it is for the next process, not for after a power cut.
        temporary = self.folder / SCRATCH / _STATUS
        temporary.write_text(json.dumps(content), encoding="utf-8")
        temporary.replace(self.folder / _STATUS)


@dataclass(slots=True)
class FragmentHistory:
    """A fragment's retry state after earlier attempts, how many of the last taught nothing, and why
    the last one ended.
    """

    state: RetryState
    streak: ExitStreak
    last: ExitCause | None = None

    @property
    def is_stuck(self) -> bool:
        """Whether to run it again is in vain, and the cause none that a document has."""
        return self.state.is_stuck or self.streak.is_over_limit


def replay_failures(fragment: Fragment, attempts: Sequence[FailedAttempt]) -> FragmentHistory:
    """What to run of a fragment, and how, after these attempts, oldest first."""
    history = FragmentHistory(RetryState(fragment), ExitStreak())
    for attempt in attempts:
        row_left_out = history.state.record_failure(attempt.rows, attempt.cause)
        if row_left_out or attempt.inputs:
            history.streak.record_progress()
        else:
            history.streak.record_exit(attempt.cause)
        history.last = attempt.cause
    return history


def failed_attempts(scratch: Path, name: str) -> list[FailedAttempt]:
    """The attempts at a fragment before this one, oldest first."""
    folder = scratch / name
    return [_read_attempt(path) for path in sorted(folder.iterdir())] if folder.exists() else []


def inputs_done(scratch: Path) -> dict[str, int]:
    """Inputs that the latest attempt at each fragment has dealt with, by name."""
    inputs: dict[str, int] = {}
    for folder in scratch.iterdir():
        latest = max(folder.iterdir(), default=None) if folder.is_dir() else None
        if latest is not None:
            inputs[folder.name] = _read_attempt(latest).inputs
    return inputs


def publish_attempt(attempt: Path, folder: Path) -> Part:
    """Move the part of a finished attempt to the output folder and enter it in the journal
    there.
    """
    (part,) = read_journal(attempt).values()
    for table in RUN_TABLES:
        publish_file(part_file(attempt, table, part.name), part_file(folder, table, part.name))
    part.record(folder)
    shutil.rmtree(attempt.parent, ignore_errors=True)
    return part


def _read_attempt(path: Path) -> FailedAttempt:
    try:
        status = json.loads((path / _STATUS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        status = {"inputs": 0, "rows": [], "limit": 0}
    rows = tuple(status["rows"])
    cause = _exit_cause(path / _TRACEBACK, status["limit"], reading=not rows)
    return FailedAttempt(status["inputs"], rows, cause)


def _exit_cause(path: Path, limit: float, *, reading: bool) -> ExitCause:
    """Why a process ended, by the first words of what it left."""
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    if text.startswith("Timeout"):
        what = "read for" if reading else "took"
        return ExitCause("time limit", f"{what} longer than {limit:g} seconds", certain=True)
    for words, signal in _SIGNALS.items():
        if text.startswith(f"Fatal Python error: {words}"):
            return ExitCause("crash", f"ended its process ({signal})", certain=True)
    return ExitCause("crash", "ended its process", certain=False)
