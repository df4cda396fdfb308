"""How far a run is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from biopipe.bulk.estimate import estimate_documents
from biopipe.bulk.journal import Part
from biopipe.io.fragments import Fragment

__all__ = ["OnProgress", "Progress", "Watch"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; `expected` inputs are an estimate, None when nothing tells."""

    inputs: int
    expected: int | None
    parts: int
    parts_expected: int


OnProgress: TypeAlias = Callable[[Progress], None]


class Watch:
    """Counts inputs and parts as they are dealt with, and tells `on_progress`."""

    def __init__(self, todo: Sequence[Fragment], on_progress: OnProgress | None) -> None:
        self._tell = on_progress
        estimates = estimate_documents(todo) if on_progress else None
        self._expected = dict(zip((each.name for each in todo), estimates or (), strict=False))
        self._done: dict[str, int] = {}
        self._parts = 0
        self._parts_expected = len(todo)
        self._report()

    def inputs(self, name: str, count: int) -> None:
        """`count` more inputs of the part `name`."""
        self._done[name] = self._done.get(name, 0) + count
        self._report()

    def part(self, part: Part) -> None:
        """A part is finished; from now on its number of inputs is known."""
        self._parts += 1
        if self._expected:
            self._expected[part.name] = part.counts.inputs
        self._report()

    def _report(self) -> None:
        if self._tell is None:
            return
        expected = [max(count, self._done.get(name, 0)) for name, count in self._expected.items()]
        done = sum(self._done.values())
        self._tell(Progress(done, sum(expected) or None, self._parts, self._parts_expected))
