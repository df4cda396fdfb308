"""What turns the fragments of a run into parts: this process, worker processes, or a Ray
cluster.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from biopipe.bulk.interrupt import Interruption
from biopipe.bulk.parts.pipeline import load_pipeline, open_part_writer, run_configuration
from biopipe.bulk.plan import RunPlan
from biopipe.bulk.workers.supervisor import WorkerSupervisor
from biopipe.io.fragments import Fragment
from biopipe.io.run_output.journal import Part

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["Engine", "InProcessEngine", "open_engine"]


class Engine(Protocol):
    """Loads the pipeline once, then writes the parts of fragments."""

    def configuration(self) -> dict[str, Any]:
        """What decides the content of the tables."""

    def write(
        self,
        fragments: Sequence[Fragment],
        *,
        on_inputs: Callable[[str, int], None],
        on_part: Callable[[Part], None],
    ) -> None:
        """Write the parts of `fragments`; the calls come from this process."""


class InProcessEngine:
    """The pipeline in this process: nothing to start, and no protection where native code
    crashes.
    """

    def __init__(self, plan: RunPlan, *, interruption: Interruption) -> None:
        self._plan = plan
        self._interruption = interruption
        self._nlp: Language | None = None

    def configuration(self) -> dict[str, Any]:
        """What decides the content of the tables."""
        return run_configuration(self._plan, self._pipeline())

    def write(
        self,
        fragments: Sequence[Fragment],
        *,
        on_inputs: Callable[[str, int], None],
        on_part: Callable[[Part], None],
    ) -> None:
        """Write the parts of `fragments` one after the other."""
        write = open_part_writer(self._plan, self._pipeline(), self._plan.output)
        for fragment in fragments:
            on_part(
                write(fragment, partial(on_inputs, fragment.name), on_batch=self._check_interrupted)
            )

    def _pipeline(self) -> "Language":
        if self._nlp is None:
            self._nlp = load_pipeline(self._plan)
        return self._nlp

    def _check_interrupted(self, _rows: Sequence[int]) -> None:
        self._interruption.check()


@contextmanager
def open_engine(plan: RunPlan, *, interruption: Interruption) -> Iterator[Engine]:
    """The engine that the plan names; "local" with 0 workers is this process."""
    if plan.engine == "ray":
        # Ray is an extra, and takes seconds to import.
        from biopipe.bulk.ray.engine import open_ray

        with open_ray(plan, interruption=interruption) as engine:
            yield engine
    elif plan.workers:
        with WorkerSupervisor(plan, interruption=interruption) as supervisor:
            yield supervisor
    else:
        yield InProcessEngine(plan, interruption=interruption)
