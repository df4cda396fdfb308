"""Parts written by Ray Data: one pipeline an actor, fragments handed out as actors become free.

Actors and run share nothing but the file system. Each attempt at a fragment writes to a folder of
its own in the scratch folder of the run; the run alone moves finished parts to their place and
keeps the journal. So nothing is lost or mixed when Ray runs a fragment twice, or when an actor outlives
its run: the next one deletes the scratch folder.
"""

import pickle
import queue
import shutil
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

from biopipe.bulk.interrupt import Interruption
from biopipe.bulk.parts.pipeline import load_pipeline, run_configuration
from biopipe.bulk.plan import RunPlan
from biopipe.bulk.ray.actor import Actor, loading_deadline, pickled_error
from biopipe.bulk.ray.attempt import inputs_done, publish_attempt
from biopipe.bulk.ray.cluster import connected
from biopipe.bulk.retry import MAX_LOADING_ATTEMPTS, WorkerFailure, loading_failure
from biopipe.io.fragments import Fragment
from biopipe.io.run_output.folder import SCRATCH
from biopipe.io.run_output.journal import Part

__all__ = ["RayEngine", "open_ray"]

_LOOK_SECONDS = 2.0
_END_SECONDS = 60.0


class RayEngine:
    """Writes parts on the cluster that `ray` is connected to; get one from `open_ray`."""

    def __init__(self, ray: ModuleType, plan: RunPlan, *, interruption: Interruption) -> None:
        self._ray = ray
        self._plan = plan
        self._interruption = interruption
        self._configuration: dict[str, Any] | None = None

    def configuration(self) -> dict[str, Any]:
        """What a node that has the devices says of the pipeline; its error if it cannot be
        loaded.

        WorkerFailure when it is not loaded in time, also by the attempts that Ray makes after the
        first.
        """
        task = self._ray.remote(max_retries=MAX_LOADING_ATTEMPTS - 1, **self._resources())(
            _describe_pipeline
        )
        result = task.remote(self._plan)
        limit = self._plan.loading_timeout
        deadline = time.monotonic() + (MAX_LOADING_ATTEMPTS + 1) * limit
        while not self._ray.wait([result], timeout=_LOOK_SECONDS)[0]:
            self._interruption.check()
            # A process that is stopped does not end itself.
            if limit and time.monotonic() > deadline:
                self._ray.cancel(result, force=True)
                raise loading_failure(self._plan.pipeline, limit)
        try:
            self._configuration, error = self._ray.get(result)
        except self._ray.exceptions.WorkerCrashedError as raised:
            if limit:
                raise loading_failure(self._plan.pipeline, limit) from raised
            raise _gave_up(raised) from raised
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
        scratch = self._plan.output / SCRATCH / f"ray-{uuid4().hex}"
        scratch.mkdir(parents=True)
        progress = _InputCounts(on_inputs)
        try:
            for row in _until_interrupted(
                self._results(fragments, scratch), self._interruption, scratch, progress
            ):
                if row["error"]:
                    raise pickle.loads(row["error"])
                part = publish_attempt(Path(row["attempt"]), self._plan.output)
                progress.update(part.name, part.counts.inputs)
                on_part(part)
        finally:
            _delete_scratch(scratch)

    def _resources(self) -> dict[str, float]:
        """What an actor has of the cluster, in Ray's words."""
        gpus = self._plan.gpus_each
        return {"num_cpus": self._plan.cpus} | ({"num_gpus": gpus} if gpus else {})

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
        first, most = (min(count, len(fragments)) for count in self._plan.actors)
        # An actor with a fragment in hand gets no second one to sit on, unless that is what makes
        # the pool grow.
        waiting = {"max_tasks_in_flight_per_actor": 1} if first == most else {}
        # Actors are restarted and tasks run again without end, as Ray Data has it; attempts are
        # counted in them.
        results = numbers.map_batches(
            Actor,
            batch_size=1,
            compute=data.ActorPoolStrategy(min_size=first, max_size=most, **waiting),
            fn_constructor_args=(self._plan, tuple(fragments), scratch),
            fn_constructor_kwargs={"configuration": self._configuration},
            **self._resources(),
        )
        try:
            for batch in results.iter_batches(
                batch_size=None, prefetch_batches=0, batch_format="pyarrow"
            ):
                yield from batch.to_pylist()
        except self._ray.exceptions.RayError as error:
            raise _gave_up(error) from error


class _InputCounts:
    """Tells of inputs by name, each once."""

    def __init__(self, on_inputs: Callable[[str, int], None]) -> None:
        self._on_inputs = on_inputs
        self._told: dict[str, int] = {}

    def update(self, name: str, inputs: int) -> None:
        """So many inputs of this part are done."""
        if more := inputs - self._told.get(name, 0):
            self._told[name] = inputs
            self._on_inputs(name, more)


@contextmanager
def open_ray(plan: RunPlan, *, interruption: Interruption) -> Iterator[RayEngine]:
    """An engine on the cluster of this process, of RAY_ADDRESS, or of this machine (see
    `connected`).
    """
    with connected(workers=plan.actors[1], cpus=plan.cpus, gpus=plan.gpus_each) as ray:
        yield RayEngine(ray, plan, interruption=interruption)


def _describe_pipeline(plan: RunPlan) -> tuple[dict[str, Any] | None, bytes]:
    """For a task on the cluster: the configuration, or the error."""
    try:
        with loading_deadline(plan.loading_timeout):
            nlp = load_pipeline(plan)
        return run_configuration(plan, nlp), b""
    except Exception as error:  # whatever it is, it is the run that tells it
        return None, pickled_error(error)


def _until_interrupted(
    results: Generator[dict[str, Any], None, None],
    interruption: Interruption,
    scratch: Path,
    progress: _InputCounts,
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
            interruption.check()
            try:
                answer = answers.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                for name, inputs in inputs_done(scratch).items():
                    progress.update(name, inputs)
                continue
            if answer is None:
                return
            if isinstance(answer, BaseException):
                raise answer
            yield answer
    finally:
        ended.set()
        _delete_scratch(scratch)
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


def _delete_scratch(scratch: Path) -> None:
    """Delete what actors wrote of unfinished parts, at which they end."""
    for folder in scratch.parent.glob(f"{scratch.name}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _gave_up(error: BaseException) -> WorkerFailure:
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return WorkerFailure(
        f"Ray gave up ({reason}); finished parts are kept: see to the cluster and start the same "
        "command again."
    )
