"""A lock that lets one process fetch or build something in the cache folder at a time."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from biopipe.errors import KnowledgeBaseError

__all__ = ["is_locked", "one_builder"]


@contextmanager
def one_builder(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting for another process; the system lets go of it when a
    process dies.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Opened to append, so that a file that another process holds is not emptied.
        file = path.open("a+b")
    except OSError as error:
        raise KnowledgeBaseError(
            f"The cache folder {path.parent} cannot be written ({error.strerror}); "
            "set BIOPIPE_CACHE to a folder that can."
        ) from error
    with file:
        _lock(file.fileno())
        yield


def is_locked(path: Path) -> bool:
    """Whether a process holds the lock file `path` now; False where there is none."""
    try:
        with path.open("r+b") as file:
            return not _try_lock(file.fileno())
    except OSError:
        return False


if sys.platform == "win32":
    import msvcrt
    import time

    def _lock(descriptor: int) -> None:
        while not _try_lock(descriptor):
            time.sleep(0.1)

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
