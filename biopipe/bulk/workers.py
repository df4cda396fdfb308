"""Worker processes and their supervisor, which loads no pipeline itself.

A worker that dies, or whose documents take too long, is replaced and its fragment run again, so
that one document alone pays for what it did.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any

from biopipe.bulk.interrupt import Interruption
from biopipe.bulk.job import Job
from biopipe.bulk.journal import Part
from biopipe.bulk.limits import TIMEOUT
from biopipe.bulk.process import WorkerProcess
from biopipe.bulk.suspects import Cause, Task
from biopipe.bulk.unreadable import write_unreadable
from biopipe.errors import BiopipeError, ConfigError
from biopipe.io.fragments import Fragment

__all__ = ["WorkerDied", "Workers"]

_DEATHS_IN_A_ROW = 5


class WorkerDied(BiopipeError):
    """Worker processes keep ending and nothing can be learned from it."""


class Workers:
    """`count` worker processes for one job; use it as a context manager, so that none is left.

    `timeout` is the seconds a document may take (see `time_limit`), 0 for any time.
    """

    def __init__(
        self, job: Job, *, count: int, timeout: float = TIMEOUT, asked: Interruption
    ) -> None:
        self._job = job
        self._count = count
        self._timeout = timeout
        self._asked = asked
        self._workers: list[WorkerProcess] = []
        self._configuration: dict[str, Any] | None = None
        self._deaths = 0

    def __enter__(self) -> "Workers":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._kill()

    def configuration(self) -> dict[str, Any]:
        """What the first worker says of the pipeline; its error if it cannot be loaded."""
        while self._configuration is None:
            if not self._workers:
                self._start()
            for worker, kind, content in self._messages():
                if kind == "ready":
                    self._configuration = content
                elif kind == "died":
                    self._workers.remove(worker)
                    self._count_death(content)
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
        waiting = deque(Task(fragment) for fragment in fragments)
        for worker in self._workers:
            worker.say("hold")
        try:
            while waiting or any(worker.task for worker in self._workers):
                self._hand_out(waiting)
                for worker, kind, content in self._messages():
                    task = worker.task
                    if kind == "ready":
                        self._check_same(content)
                        worker.say("hold")
                    elif kind == "holding":
                        worker.is_holding = True
                    elif kind == "inputs" and task:
                        self._deaths = 0
                        on_inputs(task.fragment.name, content)
                    elif kind == "part":
                        self._deaths = 0
                        worker.task = None
                        on_part(content)
                    elif kind == "died":
                        self._workers.remove(worker)
                        if task:
                            on_inputs(task.fragment.name, -worker.done)
                        self._mourn(worker, content, waiting, on_part)
            self._end()
        finally:
            self._kill()

    def _hand_out(self, waiting: deque[Task]) -> None:
        """Give fragments to idle workers, and start workers as long as there are fragments for
        them.
        """
        for worker in self._workers:
            if waiting and worker.is_holding and worker.task is None:
                worker.hand(waiting.popleft())
        loading = sum(not worker.is_holding for worker in self._workers)
        for _ in range(min(self._count - len(self._workers), len(waiting) - loading)):
            self._start()

    def _mourn(
        self,
        worker: WorkerProcess,
        cause: Cause,
        waiting: deque[Task],
        on_part: Callable[[Part], None],
    ) -> None:
        """Learn from the death of a worker and see to its fragment."""
        task = worker.task
        if task is None:
            self._count_death(cause)
            return
        convicted = task.blame(worker.rows, cause)
        if task.is_hopeless:
            on_part(write_unreadable(task.fragment, self._job.folder, cause))
            return
        waiting.appendleft(task)
        if convicted:
            self._deaths = 0
        else:
            self._count_death(cause, task)

    def _count_death(self, cause: Cause, task: Task | None = None) -> None:
        self._deaths += 1
        if self._deaths >= _DEATHS_IN_A_ROW or (task and task.is_stuck):
            where = f" in {task.fragment.path}" if task else ""
            raise WorkerDied(
                f"Worker processes died again and again before they got anything done{where}; the last one "
                f"{cause.error}: see what is printed above, or give the run more memory or fewer --workers, and "
                "start the same command again; finished parts are kept."
            )

    def _check_same(self, configuration: dict[str, Any]) -> None:
        if configuration != self._configuration:
            raise ConfigError(
                f"The pipeline '{self._job.pipeline}' or what it reads was changed while the run went on; "
                "put it back and start the same command again, or use --restart."
            )

    def _messages(self) -> Iterator[tuple[WorkerProcess, str, Any]]:
        """What the workers say, as soon as one says something; then see who takes too long."""
        ready = wait(
            [*(worker.connection for worker in self._workers), self._asked.fileno()],
            self._seconds_left(),
        )
        for worker in list(self._workers):
            if worker.connection in ready:
                kind, content = worker.hear()
                if kind == "failed":
                    raise content
                yield worker, kind, content
        self._asked.check()
        for worker in self._workers:
            worker.kill_if_overdue()

    def _seconds_left(self) -> float | None:
        """Until the next worker is overdue; None while none can be."""
        deadlines = [worker.deadline for worker in self._workers if worker.deadline is not None]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _start(self) -> None:
        taken = {worker.number for worker in self._workers}
        number = next(number for number in range(self._count) if number not in taken)
        self._workers.append(WorkerProcess(self._job, number, self._count, timeout=self._timeout))

    def _end(self) -> None:
        """Let the workers end by themselves."""
        for worker in self._workers:
            worker.say(None)
        for worker in self._workers:
            worker.end()

    def _kill(self) -> None:
        for worker in self._workers:
            worker.kill()
        self._workers.clear()
