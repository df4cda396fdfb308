"""Parts written by Ray Data: one pipeline an actor, fragments handed out as actors become free.

Actors and run share nothing but the file system. Each try at a fragment writes to a folder of its
own in the scratch folder of the run; the run alone moves finished parts to their place and keeps
the journal. So nothing is lost or mixed when Ray runs a fragment twice, or when an actor outlives
its run: the next one sweeps the scratch folder away.
"""

import pickle
import queue
import shutil
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

from biopipe.bulk.actor import Actor, portable
from biopipe.bulk.attempt import adopt, inputs_done
from biopipe.bulk.cluster import connected
from biopipe.bulk.interrupt import Interruption
from biopipe.bulk.job import Job
from biopipe.bulk.journal import SCRATCH, Part
from biopipe.bulk.limits import TIMEOUT
from biopipe.bulk.workers import WorkerDied
from biopipe.errors import ConfigError
from biopipe.io.fragments import Fragment

__all__ = ["Pool", "RayEngine", "open_ray"]

_LOOK_SECONDS = 2.0
_END_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Pool:
    """How many actors there are at least and at most, and what each has of the cluster."""

    most: int
    least: int | None = None
    cpus: int = 1
    gpus: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= (self.least or self.most) <= self.most:
            raise ConfigError(
                f"The number of workers is {self.least or self.most} to {self.most}; give 1 or more, the smaller first."
            )
        if self.gpus < 0 or (self.gpus > 1 and self.gpus % 1):
            raise ConfigError(
                f"A worker cannot have {self.gpus:g} GPUs; give a part of one, such as 0.5, or a whole number."
            )

    @property
    def resources(self) -> dict[str, float]:
        """In Ray's words."""
        return {"num_cpus": self.cpus} | ({"num_gpus": self.gpus} if self.gpus else {})


class RayEngine:
    """Writes parts on the cluster that `ray` is connected to; get one from `open_ray`."""

    def __init__(
        self, ray: ModuleType, job: Job, pool: Pool, timeout: float, asked: Interruption
    ) -> None:
        self._ray = ray
        self._job = job
        self._pool = pool
        self._timeout = timeout
        self._asked = asked
        self._configuration: dict[str, Any] | None = None

    def configuration(self) -> dict[str, Any]:
        """What a node that has the devices says of the pipeline; its error if it cannot be
        loaded.
        """
        task = self._ray.remote(**self._pool.resources)(_configuration)
        result = task.remote(self._job)
        while not self._ray.wait([result], timeout=_LOOK_SECONDS)[0]:
            self._asked.check()
        try:
            self._configuration, error = self._ray.get(result)
        except self._ray.exceptions.RayError as raised:
            raise _gave_up(raised) from raised
        if error:
            raise pickle.loads(error)
        assert self._configuration is not None
        return self._configuration

    def write(
        self,
        fragments: Sequence[Fragment],
        *,
        on_inputs: Callable[[str, int], None],
        on_part: Callable[[Part], None],
    ) -> None:
        """Write the parts of `fragments`; the calls come from this process and thread.

        When a fragment is begun again, `on_inputs` takes back what was told of it, by a negative
        number.
        """
        if not fragments:
            return
        scratch = self._job.folder / SCRATCH / f"ray-{uuid4().hex}"
        scratch.mkdir(parents=True)
        progress = _Progress(on_inputs)
        try:
            for row in _until_asked(
                self._results(fragments, scratch), self._asked, scratch, progress
            ):
                if row["error"]:
                    raise pickle.loads(row["error"])
                part = adopt(Path(row["attempt"]), self._job.folder)
                progress.tell(part.name, part.counts.inputs)
                on_part(part)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _results(
        self, fragments: Sequence[Fragment], scratch: Path
    ) -> Generator[dict[str, Any], None, None]:
        """What the actors answer, in the order in which they finish."""
        data = self._ray.data
        # A block for each fragment: the unit of what an actor is given, and of what is run again.
        numbers = data.from_items(list(range(len(fragments))), override_num_blocks=len(fragments))
        numbers.context.enable_progress_bars = False
        numbers.context.print_on_execution_start = False
        numbers.context.execution_no_progress_timeout_s = -1  # a fragment takes what it takes
        most = min(self._pool.most, len(fragments))
        least = min(self._pool.least or most, most)
        # An actor with a fragment in hand gets no second one to sit on, unless that is what makes
        # the pool grow.
        waiting = {"max_tasks_in_flight_per_actor": 1} if least == most else {}
        # Actors are restarted and tasks run again without end, as Ray Data has it; attempts are
        # counted in them.
        results = numbers.map_batches(
            Actor,
            batch_size=1,
            compute=data.ActorPoolStrategy(min_size=least, max_size=most, **waiting),
            fn_constructor_args=(self._job, tuple(fragments), scratch),
            fn_constructor_kwargs={
                "configuration": self._configuration,
                "timeout": self._timeout,
                "cores": self._pool.cpus,
            },
            **self._pool.resources,
        )
        try:
            for batch in results.iter_batches(
                batch_size=None, prefetch_batches=0, batch_format="pyarrow"
            ):
                yield from batch.to_pylist()
        except self._ray.exceptions.RayError as error:
            raise _gave_up(error) from error


class _Progress:
    """Tells of inputs by name, each once."""

    def __init__(self, on_inputs: Callable[[str, int], None]) -> None:
        self._on_inputs = on_inputs
        self._told: dict[str, int] = {}

    def tell(self, name: str, inputs: int) -> None:
        """So many inputs of this part are done."""
        if more := inputs - self._told.get(name, 0):
            self._told[name] = inputs
            self._on_inputs(name, more)


@contextmanager
def open_ray(
    job: Job, *, pool: Pool, timeout: float = TIMEOUT, asked: Interruption
) -> Iterator[RayEngine]:
    """An engine on the cluster of this process, of RAY_ADDRESS, or of this machine (see
    `connected`).

    `timeout` is the seconds a document may take (see `time_limit`), 0 for any time.
    """
    pool = _with_gpus(pool, job.device)
    with connected(workers=pool.most, cpus=pool.cpus, gpus=pool.gpus) as ray:
        yield RayEngine(ray, job, pool, timeout, asked)


def _with_gpus(pool: Pool, device: str | None) -> Pool:
    """A whole GPU for each actor that asks for one without saying how much of it."""
    kind, _, index = (device or "cpu").partition(":")
    if kind == "cuda" and index:
        raise ConfigError(
            f"The device is '{device}', but Ray chooses the GPU of each worker; give cuda."
        )
    return replace(pool, gpus=1.0) if kind == "cuda" and not pool.gpus else pool


def _configuration(job: Job) -> tuple[dict[str, Any] | None, bytes]:
    """For a task on the cluster: the configuration, or the error."""
    try:
        return job.configuration(job.load()), b""
    except Exception as error:  # whatever it is, it is the run that tells it
        return None, portable(error)


def _until_asked(
    results: Generator[dict[str, Any], None, None],
    asked: Interruption,
    scratch: Path,
    progress: _Progress,
) -> Iterator[dict[str, Any]]:
    """The results, read in a thread, so that this one can look whether it was asked to stop, and
    how far it is.

    Ended early, it takes the scratch folder from the actors, at which they end.
    """
    answers: queue.Queue[dict[str, Any] | BaseException | None] = queue.Queue()
    ended = threading.Event()
    thread = threading.Thread(target=_read, args=(results, answers, ended), daemon=True)
    thread.start()
    try:
        while True:
            asked.check()
            try:
                answer = answers.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                for name, inputs in inputs_done(scratch).items():
                    progress.tell(name, inputs)
                continue
            if answer is None:
                return
            if isinstance(answer, BaseException):
                raise answer
            yield answer
    finally:
        ended.set()
        shutil.rmtree(scratch, ignore_errors=True)
        thread.join(_END_SECONDS)


def _read(
    results: Generator[dict[str, Any], None, None],
    answers: "queue.Queue[dict[str, Any] | BaseException | None]",
    ended: threading.Event,
) -> None:
    try:
        # Closed here: anything of Ray Data's that is left for later would connect to the cluster
        # again.
        with closing(results):
            for result in results:
                if ended.is_set():
                    return
                answers.put(result)
        answers.put(None)
    except BaseException as error:  # raised again where the answers are read
        answers.put(error)


def _gave_up(error: BaseException) -> WorkerDied:
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return WorkerDied(
        f"Ray gave up ({reason}); finished parts are kept: see to the cluster and start the same command again."
    )
