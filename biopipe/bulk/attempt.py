"""One try of a Ray actor at a fragment, in a folder of its own, so that two of them can never mix
their files.
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

from biopipe.bulk.files import sync_folder
from biopipe.bulk.journal import JOURNAL, SCRATCH, Part, part_file, read_journal
from biopipe.bulk.limits import time_limit
from biopipe.bulk.suspects import Cause, Task
from biopipe.bulk.tables import TABLES
from biopipe.io.fragments import Fragment

__all__ = ["Attempt", "Lost", "Suspected", "adopt", "inputs_done", "lost_attempts", "suspected"]

_NOTE = "running.json"
_DEATHS_IN_A_ROW = 5
_END = "end.txt"
_SIGNALS = {
    "Segmentation fault": "SIGSEGV",
    "Aborted": "SIGABRT",
    "Bus error": "SIGBUS",
    "Floating-point exception": "SIGFPE",
    "Illegal instruction": "SIGILL",
}


@dataclass(frozen=True, slots=True)
class Lost:
    """How far an attempt got whose process ended: inputs dealt with, rows in work, and why it
    ended.
    """

    inputs: int
    rows: tuple[int, ...]
    cause: Cause


class Attempt:
    """A folder laid out like an output folder for one part, with a note of how far it is; close it
    when done.

    Whoever tries the fragment next reads there which rows were in work when the process ended, and
    why it did. With a `timeout` the process is ended when a batch takes longer (see `time_limit`).
    """

    def __init__(self, scratch: Path, name: str, *, timeout: float) -> None:
        folder = scratch / name
        # Not `parents`: a scratch folder that a later run has swept away must not come back.
        folder.mkdir(exist_ok=True)
        number = len(list(folder.iterdir()))
        self.folder = folder / f"{number:04}-{uuid4().hex}"
        self.folder.mkdir()
        for each in (SCRATCH, JOURNAL, *TABLES):
            (self.folder / each).mkdir()
        self._timeout = timeout
        # Native code that crashes, or lets no Python run, is told of by a handler that needs no
        # Python either.
        self._end: TextIO = (self.folder / _END).open("w")
        self._was_enabled = faulthandler.is_enabled()
        faulthandler.enable(file=self._end)
        self._inputs = 0
        self._in_flight: deque[tuple[Sequence[int], int | None]] = deque()

    def on_batch(self, rows: Sequence[int], characters: int | None) -> None:
        """The rows are about to be annotated; `characters` is the length of one that runs alone."""
        self._in_flight.append((rows, characters))
        if len(self._in_flight) == 1:
            self._watch()
        self._note()

    def on_inputs(self, count: int) -> None:
        """The oldest batch is written."""
        self._in_flight.popleft()
        self._inputs += count
        self._watch()
        self._note()

    def close(self) -> None:
        """Stop watching the process."""
        faulthandler.cancel_dump_traceback_later()
        faulthandler.disable()
        if self._was_enabled and sys.__stderr__ is not None:
            faulthandler.enable(file=sys.__stderr__)
        self._end.close()

    def _limit(self) -> float:
        return time_limit(self._timeout, self._in_flight[0][1]) if self._in_flight else 0.0

    def _watch(self) -> None:
        """Give the oldest batch its time from now."""
        faulthandler.cancel_dump_traceback_later()
        if limit := self._limit():
            faulthandler.dump_traceback_later(limit, exit=True, file=self._end)

    def _note(self) -> None:
        rows = [row for batch, _ in self._in_flight for row in batch]
        content = {"inputs": self._inputs, "rows": rows, "limit": self._limit()}
        temporary = self.folder / SCRATCH / _NOTE
        temporary.write_text(json.dumps(content), encoding="utf-8")
        temporary.replace(self.folder / _NOTE)


@dataclass(slots=True)
class Suspected:
    """A task with what earlier attempts taught, and how many of the last ones taught nothing."""

    task: Task
    deaths_in_a_row: int = 0
    last: Cause | None = None

    @property
    def is_stuck(self) -> bool:
        """Whether to run it again is in vain, and the cause none that a document has."""
        return self.task.is_stuck or self.deaths_in_a_row >= _DEATHS_IN_A_ROW


def suspected(fragment: Fragment, lost: Sequence[Lost]) -> Suspected:
    """What to run of a fragment, and how, after these attempts."""
    found = Suspected(Task(fragment))
    for attempt in lost:
        convicted = found.task.blame(attempt.rows, attempt.cause)
        found.deaths_in_a_row = 0 if convicted or attempt.inputs else found.deaths_in_a_row + 1
        found.last = attempt.cause
    return found


def lost_attempts(scratch: Path, name: str) -> list[Lost]:
    """The attempts at a fragment before this one, oldest first."""
    folder = scratch / name
    return [_lost(path) for path in sorted(folder.iterdir())] if folder.exists() else []


def inputs_done(scratch: Path) -> dict[str, int]:
    """Inputs that the latest attempt at each fragment has dealt with, by name."""
    done: dict[str, int] = {}
    for folder in scratch.iterdir():
        latest = max(folder.iterdir(), default=None) if folder.is_dir() else None
        if latest is not None:
            done[folder.name] = _lost(latest).inputs
    return done


def adopt(attempt: Path, folder: Path) -> Part:
    """Move the part of a finished attempt to the output folder and enter it in the journal
    there.
    """
    (part,) = read_journal(attempt).values()
    for table in TABLES:
        part_file(attempt, table, part.name).replace(part_file(folder, table, part.name))
    for table in TABLES:
        sync_folder(folder / table)
    part.record(folder)
    shutil.rmtree(attempt.parent, ignore_errors=True)
    return part


def _lost(path: Path) -> Lost:
    try:
        note = json.loads((path / _NOTE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        note = {"inputs": 0, "rows": [], "limit": 0}
    return Lost(note["inputs"], tuple(note["rows"]), _cause(path / _END, note["limit"]))


def _cause(path: Path, limit: float) -> Cause:
    """Why a process ended, by the first words of what it left."""
    left = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    if left.startswith("Timeout"):
        return Cause("time limit", f"took longer than {limit:g} seconds", certain=True)
    for words, signal in _SIGNALS.items():
        if left.startswith(f"Fatal Python error: {words}"):
            return Cause("crash", f"ended its process ({signal})", certain=True)
    return Cause("crash", "ended its process", certain=False)
