"""Whole batches through work in a few threads: Python of one beside the native arithmetic of
another.
"""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["has_cores", "in_lanes"]

T = TypeVar("T")
R = TypeVar("R")


def has_cores() -> bool:
    """Whether this process may use more than one core, so that two threads get on faster than
    one.
    """
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    return cores > 1


def in_lanes(work: Callable[[T], R], items: Iterable[T], *, lanes: int) -> Generator[R, None, None]:
    """What `work` makes of each item, in the order of the items, in `lanes` threads; 0 is the
    caller's own thread.

    At most `lanes` + 1 items are between `items` and the caller. An error comes in the place of its
    result; what was begun by then is finished first, what was not is dropped.
    """
    if not lanes:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(lanes, thread_name_prefix="lane") as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > lanes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
