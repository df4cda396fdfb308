"""The user's cache folder, and a lock that lets one process build in it at a time."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from biopipe.errors import KnowledgeBaseError

__all__ = ["cache_folder", "one_builder"]


def cache_folder() -> Path:
    """`$BIOPIPE_CACHE`, else biopipe's folder in the platform's place for caches."""
    if chosen := os.environ.get("BIOPIPE_CACHE"):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "biopipe"
    if sys.platform == "win32":
        return (
            Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
            / "biopipe"
            / "Cache"
        )
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "biopipe"


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
