"""The chemicals of the default base, read in a second process beside its diseases."""

import gc
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from biopipe.kb.build.beside import python_beside, usable_cores
from biopipe.kb.build.default_concepts import Supplement, chemical_concepts
from biopipe.kb.schema import Concept

__all__ = ["chemicals_beside", "serve_chemicals"]

Files = Mapping[str, Sequence[Path]]

_SERVE = "from biopipe.kb.build.chemicals_process import serve_chemicals; serve_chemicals()"
_AT_A_TIME = 2000  # concepts


@contextmanager
def chemicals_beside(
    files: Files, supplement: Supplement
) -> Iterator[Callable[[], list[Concept]] | None]:
    """Yields what gives the chemicals of `chemical_concepts`, which a process of its own begins to
    read now; None where there is no core for it, or none may be started.

    Where the process ends too early, killed or for an error, they are read here, and the error is
    met again.
    """
    process = _started(files, supplement) if usable_cores() > 1 else None
    if process is None:
        yield None
        return
    try:
        yield lambda: _received(process) or list(chemical_concepts(files, supplement))
    finally:
        process.kill()
        if process.stdout is not None:
            process.stdout.close()
        process.wait()


def _started(files: Files, supplement: Supplement) -> "subprocess.Popen[bytes] | None":
    try:
        # What it says of an error this process says again.
        process = python_beside(_SERVE, stderr=subprocess.DEVNULL)
        assert process.stdin is not None
    except OSError:
        return None
    with suppress(OSError), process.stdin as asked:
        pickle.dump((dict(files), supplement), asked)
    return process


def _received(process: "subprocess.Popen[bytes]") -> list[Concept]:
    """What the process has read; nothing where it ended before it had sent all."""
    concepts: list[Concept] = []
    assert process.stdout is not None
    with suppress(EOFError, OSError, pickle.UnpicklingError):
        while some := pickle.load(process.stdout):
            concepts += some
        return concepts
    return []


def serve_chemicals() -> None:
    """Read the chemicals of the files and the supplement that come in by standard input, and write
    them to standard output, some thousand at a time and none at the end.
    """
    # Ctrl-C reaches this process too; it ends when the one that asks does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    files, supplement = pickle.load(sys.stdin.buffer)
    gc.disable()  # as in the process that asks, and for as long
    # All of them, before the first is taken: the one that asks is at its diseases until then.
    concepts = list(chemical_concepts(files, supplement))
    try:
        for start in range(0, len(concepts), _AT_A_TIME):
            pickle.dump(concepts[start : start + _AT_A_TIME], sys.stdout.buffer)
        pickle.dump([], sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except OSError:
        # The one that asks was killed, and has no use for a traceback; nor for one as Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
