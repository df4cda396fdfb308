"""What turns the fragments of a run into parts: this process, worker processes, or a Ray
cluster.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from biopipe.bulk.interrupt import Interruption
from biopipe.bulk.job import Job
from biopipe.bulk.journal import Part
from biopipe.bulk.workers import Workers
from biopipe.errors import ConfigError
from biopipe.io.fragments import Fragment

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["ENGINES", "Engine", "WorkerPool", "open_engine"]

ENGINES = ("local", "ray")


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


@dataclass(frozen=True, slots=True)
class WorkerPool:
    """How many workers there are; `least`, `cpus` and `gpus` of each are for Ray, which may let a
    pool grow.
    """

    workers: int = 0
    least: int | None = None
    cpus: int = 1
    gpus: float = 0.0

    def __post_init__(self) -> None:
        if self.workers < 0:
            raise ConfigError(f"The number of workers is {self.workers}; give 0 or more.")


class _ThisProcess:
    """Nothing to start, and nothing between a document and this process if native code crashes."""

    def __init__(self, job: Job, asked: Interruption) -> None:
        self._job = job
        self._asked = asked
        self._nlp: Language | None = None

    def configuration(self) -> dict[str, Any]:
        self._nlp = self._job.load()
        return self._job.configuration(self._nlp)

    def write(
        self,
        fragments: Sequence[Fragment],
        *,
        on_inputs: Callable[[str, int], None],
        on_part: Callable[[Part], None],
    ) -> None:
        write = self._job.open(self._nlp)
        for fragment in fragments:
            on_part(write(fragment, partial(on_inputs, fragment.name), on_batch=self._look))

    def _look(self, _rows: Sequence[int]) -> None:
        self._asked.check()


@contextmanager
def open_engine(
    name: str, job: Job, *, pool: WorkerPool, timeout: float, asked: Interruption
) -> Iterator[Engine]:
    """One of ENGINES; with 0 workers, "local" is this process."""
    if name == "ray":
        from biopipe.bulk.ray import Pool, open_ray

        actors = Pool(max(1, pool.workers), pool.least, pool.cpus, pool.gpus)
        with open_ray(job, pool=actors, timeout=timeout, asked=asked) as engine:
            yield engine
    elif pool.workers:
        with Workers(job, count=pool.workers, timeout=timeout, asked=asked) as crew:
            yield crew
    else:
        yield _ThisProcess(job, asked)
