"""The life of a worker process: load the pipeline, tell what it is, then turn fragments into parts.

It lasts as long as the run that started it: when that is killed, the worker ends itself.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import entry_points
from multiprocessing.connection import Connection

from biopipe.bulk.parts.limits import DocumentLengths
from biopipe.bulk.parts.pipeline import (
    WritePart,
    load_pipeline,
    open_part_writer,
    run_configuration,
)
from biopipe.bulk.plan import RunPlan
from biopipe.bulk.retry import RetryState
from biopipe.errors import BiopipeError
from biopipe.io.lock import hold_as_worker
from biopipe.io.run_output.journal import Part

__all__ = ["run_worker"]

_M_MMAP_THRESHOLD = -3  # malloc.h of glibc
_LARGE_BLOCK = 4 << 20  # bytes


def run_worker(
    connection: Connection, plan: RunPlan, cores: Sequence[int], environment: Mapping[str, str]
) -> None:
    """Be a worker on these cores (none: on all); messages to the run are pairs of a kind and its
    content.

    ready (the configuration), holding (None: it holds the output folder), batch (rows and
    characters, about to be annotated), inputs (how many are done), part (a Part), failed (an
    error).
    """
    # Ctrl-C reaches the whole group; it is the run that ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    os.environ.clear()
    os.environ.update(environment)
    _list_installed_packages()
    _map_large_blocks()
    if cores:  # the runtime opens as many threads as a process has cores
        os.sched_setaffinity(0, cores)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        nlp = load_pipeline(plan)
        write = open_part_writer(plan, nlp, plan.output)
        connection.send(("ready", run_configuration(plan, nlp)))
        if connection.recv() is None:
            return
        hold_as_worker(plan.output)
        connection.send(("holding", None))
        while (task := connection.recv()) is not None:
            connection.send(("part", _write_part(connection, write, plan, task)))
    except (EOFError, ConnectionError):
        return  # the run is gone
    except Exception as error:  # whatever it is, it is the run that tells it
        if not isinstance(error, BiopipeError | OSError):
            error = RuntimeError("".join(traceback.format_exception(error)))
        with suppress(ConnectionError):
            connection.send(("failed", error))


def _write_part(connection: Connection, write: WritePart, plan: RunPlan, task: RetryState) -> Part:
    """The part of a fragment; documents that run alone are told with their lengths."""
    lengths = DocumentLengths(task.fragment, plan.columns) if task.one_by_one else None

    def on_batch(rows: Sequence[int]) -> None:
        characters = sum(map(lengths.of, rows)) if lengths else None
        connection.send(("batch", (list(rows), characters)))

    def on_inputs(count: int) -> None:
        connection.send(("inputs", count))
        _release_free_memory()

    return write(
        task.fragment, on_inputs, on_batch=on_batch, skip=task.skip, one_by_one=task.one_by_one
    )


def _list_installed_packages() -> None:
    """List anew where spaCy finds components of other packages.

    Its registries do so when they are imported: for a forked worker, before the caller may have
    added folders to sys.path.
    """
    if registries := sys.modules.get("catalogue"):
        vars(registries)["AVAILABLE_ENTRY_POINTS"] = entry_points()


def _map_large_blocks() -> None:
    """Have large blocks of memory go back to the system when they are freed.

    glibc raises the size from which they do with every larger block that is freed, up to 32 MB: the
    buffers of a long document would stay until the end of its batch, some 25 MB a worker.
    """
    with suppress(AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)


def _release_free_memory() -> None:
    """Give memory that is free back to the system; glibc keeps what opening the models took.

    A millisecond a batch, and some 15 MB less a worker.
    """
    with suppress(AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
