"""The Ray cluster of a run: the one that is there, or processes of this machine for as long as the
run takes.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from io import TextIOBase
from types import ModuleType
from typing import Any, TextIO, cast

from biopipe.errors import ConfigError, DeviceError
from biopipe.extras import require

__all__ = ["connected", "ray_modules"]

_STORE_BYTES = (
    100 * 2**20
)  # only numbers and paths go through the object store; Ray's least is 75 MiB
# Usage statistics: Ray looks whenever it has something to tell. Niceness: Ray's 15 is for those who
# share a machine with a cluster, and starves workers beside anything else that runs.
_OWN_CLUSTER = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
_QUIET = {"RAY_BACKEND_LOG_LEVEL": "fatal", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
_LISTENER = "ray_listen_error_messages"


def ray_modules() -> ModuleType:
    """Ray with its data library; ExtraMissing if it is not installed."""
    ray = require("ray", "ray")
    require("pandas", "ray")
    require("ray.data", "ray")
    return ray


@contextmanager
def connected(*, workers: int, cpus: int, gpus: float) -> Iterator[ModuleType]:
    """Ray, connected to a cluster that has room for a worker of so many CPUs and GPUs.

    The cluster this process is connected to already, else the one that RAY_ADDRESS names, else one
    of `workers` processes of this machine, without a dashboard and without usage statistics, that
    ends here.
    """
    ray = ray_modules()
    if ray.is_initialized():
        _check_room(ray, cpus, gpus)
        yield ray
        return
    address = os.environ.get("RAY_ADDRESS")
    stream = _OutputWithoutRay(sys.stdout)
    with (
        redirect_stdout(cast(TextIO, stream)),
        _quiet_loggers(),
        _environment({} if address else _OWN_CLUSTER),
    ):
        try:
            _connect(ray, address, workers * cpus)
            _check_room(ray, cpus, gpus)
            yield ray
        finally:
            stream.silent = True  # what Ray has kept back comes out here
            ray.shutdown()


def _connect(ray: ModuleType, address: str | None, cpus: int) -> None:
    options: dict[str, Any] = {"address": address} if address else _local(cpus)
    handler = signal.getsignal(signal.SIGTERM)
    try:
        with _environment(_QUIET), _silenced_stderr():
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise ConfigError(
            f"No connection to Ray at {address or 'this machine'} ({_last_line(error)}); see to "
            "the cluster, or unset RAY_ADDRESS for processes of this machine alone."
        ) from error
    finally:
        # Ray puts a handler of its own in place of whatever the caller has.
        if threading.current_thread() is threading.main_thread() and handler is not None:
            signal.signal(signal.SIGTERM, handler)


def _local(cpus: int) -> dict[str, Any]:
    return {
        "address": "local",
        "num_cpus": cpus,
        "include_dashboard": False,
        "object_store_memory": _STORE_BYTES,
    }


def _check_room(ray: ModuleType, cpus: int, gpus: float) -> None:
    """DeviceError or ConfigError when no node could ever hold a worker; Ray would wait for one
    without end.
    """
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    most_gpus = max((node.get("GPU", 0.0) for node in nodes), default=0.0)
    if most_gpus < gpus:
        raise DeviceError(
            f"No node of the Ray cluster has the {gpus:g} GPUs of a worker, the most is "
            f"{most_gpus:g}; start Ray where the GPUs are, or use --device cpu."
        )
    most_cpus = max((node.get("CPU", 0.0) for node in nodes), default=0.0)
    if most_cpus < cpus:
        raise ConfigError(
            f"No node of the Ray cluster has the {cpus} CPUs of a worker, the most is "
            f"{most_cpus:g}; add a node or give workers fewer."
        )


def _last_line(error: BaseException) -> str:
    """The last line of the first cause, where Ray puts the traceback of one error into the text of
    the next.
    """
    while error.__cause__ is not None:
        error = error.__cause__
    line = next(
        (line for line in reversed(str(error).splitlines()) if line.strip()), type(error).__name__
    )
    return line if len(line) <= 200 else line[:197] + "..."


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Variables that Ray reads when it starts; what the user has set goes first."""
    added = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextmanager
def _silenced_stderr() -> Iterator[None]:
    """Without standard error, where native code of Ray tells that its log level was set."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def _quiet_loggers() -> Iterator[None]:
    """Only errors from Ray: actors that die are the run's to tell, if it comes to that."""
    loggers = [logging.getLogger(name) for name in ("ray", "ray.data")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


class _OutputWithoutRay(TextIOBase):
    """Standard output without what a thread of Ray prints there, whatever `log_to_driver` says."""

    silent = False

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        if self.silent or threading.current_thread().name == _LISTENER:
            return len(text)
        return self._stream.write(text)

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return not self._stream.closed and self._stream.isatty()  # Ray asks at exit

    def fileno(self) -> int:
        return self._stream.fileno()
