"""The supervisor of worker processes, which loads no pipeline itself.

A worker that dies, or takes too long, is replaced and its fragment run again, so that one document
alone pays for what it did.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any

from biopipe.bulk.interrupt import Interruption
from biopipe.bulk.parts.unreadable import write_unreadable
from biopipe.bulk.plan import RunPlan
from biopipe.bulk.retry import (
    MAX_LOADING_ATTEMPTS,
    ExitCause,
    ExitStreak,
    RetryState,
    WorkerFailure,
    loading_failure,
)
from biopipe.bulk.workers.process import WorkerProcess
from biopipe.errors import ConfigError
from biopipe.io.fragments import Fragment
from biopipe.io.run_output.journal import Part

__all__ = ["WorkerSupervisor"]


class WorkerSupervisor:
    """The worker processes of a plan; use it as a context manager, so that none is left.

    Raises WorkerFailure when workers keep ending and nothing is learned from it.
    """

    def __init__(self, plan: RunPlan, *, interruption: Interruption) -> None:
        self._plan = plan
        self._interruption = interruption
        self._workers: list[WorkerProcess] = []
        self._configuration: dict[str, Any] | None = None
        self._streak = ExitStreak()

    def __enter__(self) -> "WorkerSupervisor":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._kill_workers()

    def configuration(self) -> dict[str, Any]:
        """What the first worker says of the pipeline; its error if it cannot be loaded."""
        while self._configuration is None:
            if not self._workers:
                self._start_worker()
            for worker, kind, content in self._messages():
                if kind == "ready":
                    self._configuration = content
                    self._streak.record_progress()
                elif kind == "died":
                    self._workers.remove(worker)
                    self._record_exit(content)
        return self._configuration

    def write(
        self,
        fragments: Sequence[Fragment],
        *,
        on_inputs: Callable[[str, int], None],
        on_part: Callable[[Part], None],
    ) -> None:
        """Write the parts of `fragments`; the calls come from this process. The workers end with
        it.

        When a fragment is begun again, `on_inputs` takes back what was told of it, by a negative
        number.
        """
        waiting = deque(RetryState(fragment) for fragment in fragments)
        for worker in self._workers:
            worker.hold()
        try:
            while waiting or any(worker.task for worker in self._workers):
                self._assign_fragments(waiting)
                for worker, kind, content in self._messages():
                    task = worker.task
                    if kind == "ready":
                        self._check_configuration(content)
                        worker.hold()
                    elif kind == "inputs" and task:
                        self._streak.record_progress()
                        on_inputs(task.fragment.name, content)
                    elif kind == "part":
                        self._streak.record_progress()
                        worker.task = None
                        on_part(content)
                    elif kind == "died":
                        self._workers.remove(worker)
                        if task:
                            on_inputs(task.fragment.name, -worker.inputs_done)
                        self._handle_worker_exit(worker, content, waiting, on_part)
            self._end_workers()
        finally:
            self._kill_workers()

    def _assign_fragments(self, waiting: deque[RetryState]) -> None:
        """Give fragments to idle workers, and start workers as long as there are fragments for
        them.
        """
        for worker in self._workers:
            if waiting and worker.is_holding and worker.task is None:
                worker.assign(waiting.popleft())
        loading = sum(not worker.is_holding for worker in self._workers)
        for _ in range(min(self._plan.workers - len(self._workers), len(waiting) - loading)):
            self._start_worker()

    def _handle_worker_exit(
        self,
        worker: WorkerProcess,
        cause: ExitCause,
        waiting: deque[RetryState],
        on_part: Callable[[Part], None],
    ) -> None:
        """Put the fragment of a worker that ended back in the queue, or leave it out."""
        task = worker.task
        if task is None:
            self._record_exit(cause)
            return
        row_left_out = task.record_failure(worker.rows, cause)
        if task.is_unreadable:
            plan = self._plan
            part = write_unreadable(
                task.fragment, plan.output, cause, keep=plan.keep, xrefs=bool(plan.xrefs)
            )
            on_part(part)
            return
        waiting.appendleft(task)
        if row_left_out:
            self._streak.record_progress()
        else:
            self._record_exit(cause, task)

    def _record_exit(self, cause: ExitCause, task: RetryState | None = None) -> None:
        """Count an exit that taught nothing; WorkerFailure when there were too many."""
        self._streak.record_exit(cause)
        if self._streak.loading >= MAX_LOADING_ATTEMPTS:
            raise loading_failure(self._plan.pipeline, self._plan.loading_timeout)
        if self._streak.is_over_limit or (task and task.is_stuck):
            where = f" in {task.fragment.path}" if task else ""
            raise WorkerFailure(
                f"Worker processes died again and again before they got anything done{where}; the "
                f"last one {cause.error}: see what is printed above, or give the run more memory "
                "or fewer --workers, and start the same command again; finished parts are kept."
            )

    def _check_configuration(self, configuration: dict[str, Any]) -> None:
        self._streak.loading = 0
        if configuration != self._configuration:
            raise ConfigError(
                f"The pipeline '{self._plan.pipeline}' or what it reads was changed while the run "
                "went on; put it back and start the same command again, or use --restart."
            )

    def _messages(self) -> Iterator[tuple[WorkerProcess, str, Any]]:
        """The messages of workers, as soon as there is one; then ends workers that take too long.

        Raises the error of a worker that failed, and Interrupted if the run was asked to stop.
        """
        ready = wait(
            [*(worker.connection for worker in self._workers), self._interruption.fileno()],
            self._seconds_left(),
        )
        for worker in list(self._workers):
            if worker.connection in ready:
                kind, content = worker.receive()
                if kind == "failed":
                    raise content
                yield worker, kind, content
        self._interruption.check()
        for worker in self._workers:
            worker.kill_if_overdue()

    def _seconds_left(self) -> float | None:
        """Until the next worker is overdue; None while none can be."""
        deadlines = [worker.deadline for worker in self._workers if worker.deadline is not None]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _start_worker(self) -> None:
        taken = {worker.number for worker in self._workers}
        number = next(number for number in range(self._plan.workers) if number not in taken)
        self._workers.append(WorkerProcess(self._plan, number, self._plan.workers))

    def _end_workers(self) -> None:
        """Let the workers end by themselves."""
        for worker in self._workers:
            worker.send(None)
        for worker in self._workers:
            worker.wait_for_end()

    def _kill_workers(self) -> None:
        for worker in self._workers:
            worker.kill()
        self._workers.clear()
