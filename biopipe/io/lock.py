"""One writer an output folder; the operating system lets go of the locks when a process dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from biopipe.errors import OutputError

__all__ = ["LOCK_FILES", "hold_as_worker", "one_writer"]

_WRITER = ".lock"
_WORKERS = ".workers.lock"
LOCK_FILES = (_WRITER, _WORKERS)
# Workers of a killed run notice its death at once; this is how long one may take to leave native
# code.
_ORPHAN_SECONDS = 60.0


@contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Hold `folder` for this process; OutputError when another run writes there.

    Waits for workers that a killed run may have left behind.
    """
    descriptor = _open(folder / _WRITER)
    try:
        if not _try_lock(descriptor, fcntl.LOCK_EX):
            # The number is for the message alone; who holds the lock the system knows.
            owner = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise OutputError(
                f"Another biopipe run (process {owner}) is writing to {folder}; "
                "wait for it or choose another folder."
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        # Workers of a killed run hold the second lock together until they are gone.
        _wait_for_orphans(folder)
        yield
    finally:
        os.close(descriptor)


def hold_as_worker(folder: Path) -> int:
    """Mark this process as a worker in `folder` until it ends; the descriptor keeps the mark."""
    descriptor = _open(folder / _WORKERS)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _wait_for_orphans(folder: Path) -> None:
    descriptor = _open(folder / _WORKERS)
    deadline = time.monotonic() + _ORPHAN_SECONDS
    try:
        while not _try_lock(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise OutputError(
                    f"Workers of an earlier run still write to {folder}; end them and start again."
                )
            time.sleep(0.05)
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise OutputError(
            f"The output folder {path.parent} cannot be written: {error.strerror}."
        ) from error


def _try_lock(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
