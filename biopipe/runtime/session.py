"""ONNX Runtime sessions: opened on first use, once a process and path, never carried across a fork or a pickle."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from biopipe.errors import DeviceError, ModelError

__all__ = ["Session", "default_threads"]

Feeds = Mapping[str, NDArray[Any]]


def default_threads() -> int:
    """The cores this process may use."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


class Session:
    """An ONNX graph on one device.

    On CPU each run uses one core and up to `threads` runs go on side by side: documents are independent, so this
    scales better than splitting each small matrix product over the cores.
    """

    def __init__(self, path: Path, *, device: str = "cpu", threads: int | None = None) -> None:
        self.path = path
        self.device = device
        self.threads = threads or default_threads()

    def run(
        self, feeds: Sequence[Feeds], *, outputs: Sequence[str] | None = None
    ) -> list[list[NDArray[np.float32]]]:
        """Run the graph on each feed: the outputs named, or all of the graph's, in order of the feeds."""
        session = _open(str(self.path), self.device, os.getpid())
        if self.threads == 1 or len(feeds) < 2 or self.device != "cpu":
            return [session.run(outputs, dict(feed)) for feed in feeds]
        pool = _pool(self.threads, os.getpid())
        return list(pool.map(lambda feed: session.run(outputs, dict(feed)), feeds))

    @property
    def outputs(self) -> list[str]:
        """Names of the graph's outputs."""
        return [output.name for output in _open(str(self.path), self.device, os.getpid()).get_outputs()]


@lru_cache(maxsize=8)
def _pool(threads: int, _process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="biopipe-session")


@lru_cache(maxsize=32)
def _open(path: str, device: str, _process: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = ort.InferenceSession(path, options, providers=_providers(device))
    except DeviceError:
        raise
    except Exception as error:  # onnxruntime raises its own unrelated exception types
        raise ModelError(
            f"ONNX Runtime cannot open {path} ({error}); restore or export the model again."
        ) from error
    wanted = _providers(device)[0]
    wanted_name = wanted if isinstance(wanted, str) else wanted[0]
    if wanted_name not in session.get_providers():
        raise DeviceError(_no_gpu(device))
    return session


def _providers(device: str) -> list[Any]:
    kind, _, index = device.partition(":")
    if kind == "cpu" and not index:
        return ["CPUExecutionProvider"]
    if kind != "cuda" or (index and not index.isdigit()):
        raise DeviceError(f"Unknown device '{device}'; give cpu, cuda or cuda:N.")
    if "CUDAExecutionProvider" not in ort.get_available_providers():
        raise DeviceError(_no_gpu(device))
    return [("CUDAExecutionProvider", {"device_id": int(index or 0)})]


def _no_gpu(device: str) -> str:
    return (
        f"The device '{device}' is not there: this onnxruntime offers {', '.join(ort.get_available_providers())}; "
        "install onnxruntime-gpu in place of onnxruntime and the NVIDIA driver, or use --device cpu."
    )
