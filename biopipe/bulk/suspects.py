"""Which document ended or held up its worker: found by running the suspects again, one at a
time.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from biopipe.bulk.part import SkippedRow
from biopipe.io.fragments import Fragment

__all__ = ["Cause", "Task"]

_HOPELESS = 3
_STUCK = 5


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a worker ended; `certain` where nobody but the document can have done it."""

    stage: str
    error: str
    certain: bool


@dataclass(slots=True)
class Task:
    """A fragment, and what is known of it from workers that it was given to before."""

    fragment: Fragment
    skip: dict[int, SkippedRow] = field(default_factory=dict)
    one_by_one: bool = False
    deaths: Counter[int] = field(default_factory=Counter)
    unexplained: Counter[bool] = field(default_factory=Counter)

    @property
    def is_hopeless(self) -> bool:
        """Whether workers kept crashing while no document was in flight: it is the reading that
        ends them.
        """
        return self.unexplained[True] >= _HOPELESS

    @property
    def is_stuck(self) -> bool:
        """Whether workers kept being killed, as for their memory, while no document was in
        flight.
        """
        return self.unexplained[False] >= _STUCK

    def blame(self, rows: Sequence[int], cause: Cause) -> bool:
        """Take note that a worker ended with the documents of `rows` in flight; whether one was
        convicted.

        The documents of a batch become suspects, to be run alone. One that ends its worker alone as
        well is convicted and skipped from then on, but not at once where the system or a person may
        have ended it.
        """
        if not rows:
            self.unexplained[cause.certain] += 1
            return False
        if len(rows) > 1 or not self.one_by_one:
            self.one_by_one = True
            return False
        (row,) = rows
        self.deaths[row] += 1
        if not cause.certain and self.deaths[row] < 2:
            return False
        self.skip[row] = SkippedRow(cause.stage, cause.error)
        return True
