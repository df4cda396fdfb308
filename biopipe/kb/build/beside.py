"""Processes that work beside this one while a base is built."""

import os
import subprocess
import sys

__all__ = ["python_beside", "usable_cores"]


def python_beside(code: str, *, stderr: int | None = None) -> "subprocess.Popen[bytes]":
    """A process that runs `code` and can import what this one can, whatever changed `sys.path`.

    A plain command, as a process of multiprocessing would run the caller's script once more. Raises
    OSError where none may be started.
    """
    path = os.pathsep.join(filter(None, sys.path))
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**os.environ, "PYTHONPATH": path},
    )


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
