"""How far a run is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from biopipe.bulk.output.estimate import estimate_documents
from biopipe.io.fragments import Fragment
from biopipe.io.run_output.journal import Part

__all__ = ["OnProgress", "Progress", "ProgressTracker"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; `expected` inputs are an estimate, None when nothing tells."""

    inputs: int
    expected: int | None
    parts: int
    parts_expected: int


OnProgress: TypeAlias = Callable[[Progress], None]


class ProgressTracker:
    """Counts inputs and parts as they are dealt with, and tells `on_progress`."""

    def __init__(self, todo: Sequence[Fragment], on_progress: OnProgress | None) -> None:
        self._on_progress = on_progress
        # It may read for a second, which a run that nobody watches should not.
        estimates = estimate_documents(todo) if on_progress else None
        names = (fragment.name for fragment in todo)
        self._expected = dict(zip(names, estimates or (), strict=False))
        self._inputs: dict[str, int] = {}
        self._parts = 0
        self._parts_expected = len(todo)
        self._report()

    def add_inputs(self, name: str, count: int) -> None:
        """`count` more inputs of the part `name`; negative where it is begun again."""
        self._inputs[name] = self._inputs.get(name, 0) + count
        self._report()

    def add_part(self, part: Part) -> None:
        """A part is finished; from now on its number of inputs is known."""
        self._parts += 1
        if self._expected:
            self._expected[part.name] = part.counts.inputs
        self._report()

    def _report(self) -> None:
        if self._on_progress is None:
            return
        # An estimate that was too low grows with what came, so that no bar goes beyond its end.
        expected = [max(count, self._inputs.get(name, 0)) for name, count in self._expected.items()]
        inputs = sum(self._inputs.values())
        progress = Progress(inputs, sum(expected) or None, self._parts, self._parts_expected)
        self._on_progress(progress)
