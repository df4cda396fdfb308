"""What to do about a fragment whose worker ended: which documents to run alone, which to leave out,
when to give up. The local engine and Ray share these rules and limits.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from biopipe.bulk.parts.batches import SkippedRow
from biopipe.errors import BiopipeError
from biopipe.io.fragments import Fragment

__all__ = ["ExitCause", "ExitStreak", "RetryState", "WorkerFailure", "loading_failure"]

MAX_CRASHES_WHILE_READING = 3
"""Crashes of workers with no document in work, and readings that took too long, after which the
fragment is left out: it is the reader that crashes or hangs, and it reads the same bytes each
time."""
MAX_KILLS_WHILE_READING = 5
"""Kills from outside with no document in work, after which the run ends: more than the crashes,
because memory that ran out may be free a moment later."""
MAX_EXITS_IN_A_ROW = 5
"""Exits of workers in a row, with nothing done in between and nothing learned, after which the run
ends."""
MAX_LOADING_ATTEMPTS = 3
"""Workers in a row that did not load the pipeline in time, after which the run ends: what hangs
three times hangs for a reason."""


class WorkerFailure(BiopipeError):
    """Workers keep ending and nothing can be learned from it."""


@dataclass(frozen=True, slots=True)
class ExitCause:
    """Why a worker ended.

    `stage` is that of error rows ("crash", "time limit", or "loading"), `error` what the worker did
    as a clause ("ended its process (SIGSEGV)"). `certain` is false where the system or a person may
    have ended it, through no fault of its document.
    """

    stage: str
    error: str
    certain: bool


@dataclass(slots=True)
class ExitStreak:
    """How many workers in a row ended without result."""

    exits: int = 0
    loading: int = 0

    def record_exit(self, cause: ExitCause) -> None:
        """A worker ended, with nothing done and nothing learned from it."""
        self.exits += 1
        self.loading = self.loading + 1 if cause.stage == "loading" else 0

    def record_progress(self) -> None:
        """A worker got something done, or its end told which document to leave out."""
        self.exits = self.loading = 0

    @property
    def is_over_limit(self) -> bool:
        """Whether to give up."""
        return self.exits >= MAX_EXITS_IN_A_ROW or self.loading >= MAX_LOADING_ATTEMPTS


@dataclass(slots=True)
class RetryState:
    """A fragment, and what is known of it from workers that ended over it.

    The documents of the batch in work when a worker ended are run again one at a time
    (`one_by_one`). The one whose worker ends again is left out: its row is in `skip`.
    """

    fragment: Fragment
    skip: dict[int, SkippedRow] = field(default_factory=dict)
    one_by_one: bool = False
    exits_by_row: Counter[int] = field(default_factory=Counter)
    crashes_while_reading: int = 0
    kills_while_reading: int = 0

    @property
    def is_unreadable(self) -> bool:
        """Whether to leave the fragment out, because reading it ends workers."""
        return self.crashes_while_reading >= MAX_CRASHES_WHILE_READING

    @property
    def is_stuck(self) -> bool:
        """Whether to end the run, because workers are killed while they read the fragment, as for
        their memory.
        """
        return self.kills_while_reading >= MAX_KILLS_WHILE_READING

    def record_failure(self, rows: Sequence[int], cause: ExitCause) -> bool:
        """A worker ended with the documents of `rows` in work; true when one of them is left out
        from now on.

        Where the system or a person may have ended the worker, a document has a second chance
        alone.
        """
        if not rows:
            if cause.certain:
                self.crashes_while_reading += 1
            else:
                self.kills_while_reading += 1
            return False
        # A batch does not tell which of its documents it was, and with two lanes neither does a
        # single one: the fragment is run again one by one before anything is blamed.
        if len(rows) > 1 or not self.one_by_one:
            self.one_by_one = True
            return False
        (row,) = rows
        self.exits_by_row[row] += 1
        # A kill from outside, as for memory, may have met the document by chance: it gets a second
        # go.
        if not cause.certain and self.exits_by_row[row] < 2:
            return False
        self.skip[row] = SkippedRow(cause.stage, cause.error)
        return True


def loading_failure(pipeline: str, seconds: float) -> WorkerFailure:
    """The error of a run whose workers never loaded the pipeline in time."""
    return WorkerFailure(
        f"The pipeline '{pipeline}' was not loaded within {seconds:g} seconds by any of "
        f"{MAX_LOADING_ATTEMPTS} workers in a row; look for a component that waits for something, "
        "or give more time with --loading-timeout (0: any time); finished parts are kept."
    )
