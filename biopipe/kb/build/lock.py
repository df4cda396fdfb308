"""A lock that lets one process fetch or build something in the cache folder at a time."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from biopipe.errors import KnowledgeBaseError

__all__ = ["one_builder"]


@contextmanager
def one_builder(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting for another process; the system lets go of it when a
    process dies.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise KnowledgeBaseError(
            f"The cache folder {path.parent} cannot be written ({error.strerror}); "
            "set BIOPIPE_CACHE to a folder that can."
        ) from error
    with file:
        _lock(file.fileno())
        yield


if sys.platform == "win32":
    import msvcrt
    import time

    def _lock(descriptor: int) -> None:
        while True:
            try:
                return msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            except OSError:
                time.sleep(0.1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
