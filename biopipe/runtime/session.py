"""ONNX Runtime sessions: opened on first use, once a process and content of a graph, never carried
across a fork or a pickle.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from biopipe.errors import DeviceError, ModelError
from biopipe.io.file_hash import file_sha256
from biopipe.runtime.batching import Plan, plan_for
from biopipe.runtime.binding import BoundSession
from biopipe.runtime.device import Device, parse_device
from biopipe.runtime.gpu import card_memory, check_gpu, package_conflict
from biopipe.runtime.memory import Fitting
from biopipe.runtime.providers import left_to_the_cpu, provider_list

__all__ = ["Session", "default_threads"]

# Of a length that is no more than this part of one before, attention takes little more than half.
_MUCH_SHORTER = 0.75

Feeds = Mapping[str, NDArray[Any]]

# onnxruntime_session_options_config_keys.h
_EXTERNAL_DATA_FOLDER = "session.model_external_initializers_file_folder_path"


def default_threads() -> int:
    """The cores this process may use."""
    return max(
        1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )


class Session:
    """An ONNX graph on one device.

    On CPU each run uses one core and up to `threads` runs go on side by side: documents are
    independent, so this scales better than splitting each small matrix product over the cores. A
    card has one thread that feeds it, while the threads that call tokenize and decode.

    `sha256` is that of the graph meant, as its manifest has it: another one that has taken its
    place meanwhile is a ModelError, not another answer under the old name. None is the graph that
    is there when the session is opened. Weights that a graph keeps in other files are not read, for
    nothing says whose they are.
    """

    def __init__(
        self,
        path: Path,
        *,
        device: str = "cpu",
        threads: int | None = None,
        sha256: str | None = None,
    ) -> None:
        self.path = path
        self.sha256 = sha256
        self.device = device
        self.threads = threads or default_threads()
        self._kept: tuple[int, _Opened] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kept": None}

    def run(
        self, feeds: Sequence[Feeds], *, outputs: Sequence[str] | None = None
    ) -> list[list[NDArray[np.float32]]]:
        """Run the graph on each feed: the outputs named, or all of the graph's, in order of the
        feeds.

        Where memory runs out a feed is run in parts; DeviceError or InputError where a part can be
        no smaller. Each feed has the graph's inputs by name, in the shapes that its manifest's task
        gives them.
        """
        opened = self._opened()
        if opened.device.kind != "cpu":
            pool = self._pool(opened.device)
            return list(pool.map(lambda feed: opened.run(feed, outputs), feeds))
        runs = opened.runs(feeds)
        if self.threads == 1 or len(feeds) < 2:
            return [run(feed, outputs) for run, feed in zip(runs, feeds, strict=True)]
        pool = self._pool(opened.device)
        return list(pool.map(lambda run, feed: run(feed, outputs), runs, feeds))

    @property
    def outputs(self) -> list[str]:
        """Names of the graph's outputs."""
        return list(self._opened().outputs)

    @property
    def feature_widths(self) -> Mapping[str, int]:
        """Numbers a token has in each input of the graph that is (batch, tokens, numbers)."""
        return self._opened().feature_widths

    @property
    def last_dimensions(self) -> Mapping[str, int]:
        """The last dimension of each input of the graph where that is fixed."""
        return self._opened().last_dimensions

    @property
    def plan(self) -> Plan:
        """How windows of text are to be batched for the device."""
        return self._opened().plan

    def _opened(self) -> "_Opened":
        process = os.getpid()
        if self._kept is None or self._kept[0] != process:
            with _opening.setdefault(process, Lock()):
                self._kept = (process, self._open(parse_device(self.device), process))
        return self._kept[1]

    def _open(self, device: Device, process: int) -> "_Opened":
        graph = _Graph(self.sha256 or _sha256_of(self.path), self.path)
        if device.kind == "cpu":
            return _open(graph, device, process)
        # CUDA graphs belong to the thread that opened the session.
        return self._pool(device).submit(_open, graph, device, process).result()

    def _pool(self, device: Device) -> ThreadPoolExecutor:
        return _pool(device.name, self.threads if device.kind == "cpu" else 1, os.getpid())


@dataclass(frozen=True, slots=True)
class _Graph:
    """Graphs of one content are equal, wherever they lie."""

    sha256: str
    path: Path = field(compare=False)

    def content(self) -> bytes:
        """The bytes of the graph, which have the hash; ModelError where they cannot be read or have
        another.
        """
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise ModelError(
                f"The graph {self.path} cannot be read ({error.strerror or error}); restore the "
                "model directory."
            ) from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise ModelError(
                f"The graph {self.path} is another one than when its model was opened (sha256 "
                "differs); open the model again."
            )
        return content


def _sha256_of(path: Path) -> str:
    """The hash of a graph; "" of one that cannot be read, which is told when it is opened."""
    try:
        return file_sha256(path)
    except OSError:
        return ""


class _Opened:
    """A session of ONNX Runtime on its device, with what it has learned of the device's memory."""

    def __init__(self, graph: _Graph, device: Device) -> None:
        self.device = device
        if not hasattr(ort, "InferenceSession"):
            raise ModelError(
                "The package onnxruntime is only there in part; pip uninstall -y onnxruntime "
                "onnxruntime-gpu, then "
                "install one of the two."
            )
        if os.environ.get("ORT_DISABLE_TELEMETRY") == "1":
            # Whoever imported onnxruntime before biopipe was too early for the variable.
            ort.disable_telemetry_events()
        if device.kind == "cpu":
            _shared_arena()
        self.session = _inference_session(graph, device)
        self.plan = plan_for(
            device, memory=0 if device.kind == "cpu" else card_memory(device.index)
        )
        # Every window of text asks for these, and ONNX Runtime makes all of them anew.
        self.outputs = tuple(output.name for output in self.session.get_outputs())
        self.feature_widths = {
            graph_input.name: int(graph_input.shape[2])
            for graph_input in self.session.get_inputs()
            if len(graph_input.shape) == 3
        }
        self.last_dimensions = {
            graph_input.name: int(graph_input.shape[-1])
            for graph_input in self.session.get_inputs()
            if graph_input.shape and isinstance(graph_input.shape[-1], int)
        }
        rows_apart = _rows_apart(self.session)
        # What a feed takes that cannot be run in parts grows with its document, and an arena
        # would keep the most that any document ever took.
        self._always_shrinks = not rows_apart
        self._run_options = _shrinking() if device.kind == "cpu" else None
        run = self._run if device.kind == "cpu" else BoundSession(self.session, device).run
        self.run = Fitting(run, rows_apart=rows_apart, device=device.name)
        self.run_and_shrink = Fitting(self._shrink, rows_apart=rows_apart, device=device.name)

    def runs(self, feeds: Sequence[Feeds]) -> list[Fitting]:
        """What is to run each feed on a CPU. What a long window took is given back once the windows
        are much shorter, for meanwhile more and more results are kept: batches have the longest
        windows first.
        """
        runs, longest = [], 0
        for feed in feeds:
            length = next(iter(feed.values())).shape[-1]
            shrinks = length < _MUCH_SHORTER * longest
            longest = length if shrinks else max(longest, length)
            runs.append(self.run_and_shrink if shrinks or self._always_shrinks else self.run)
        return runs

    def _shrink(self, feed: Feeds, outputs: Sequence[str] | None) -> list[NDArray[np.float32]]:
        return self._run(feed, outputs, self._run_options)

    def _run(
        self,
        feed: Feeds,
        outputs: Sequence[str] | None,
        options: "ort.RunOptions | None" = None,
    ) -> list[NDArray[np.float32]]:
        results: list[NDArray[np.float32]] = self.session.run(outputs, dict(feed), options)
        return results


# By process: a lock that another thread holds while the process forks would stay locked in the
# child.
_opening: dict[int, Lock] = {}


@lru_cache(maxsize=32)
def _open(graph: _Graph, device: Device, _process: int) -> _Opened:
    return _Opened(graph, device)


@lru_cache(maxsize=8)
def _pool(device: str, threads: int, _process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix=f"biopipe-{device}")


@lru_cache(maxsize=1)
def _shared_arena() -> None:
    """One arena for the sessions of this process: each with its own would hold what the others
    could use.
    """
    place = ort.OrtMemoryInfo(
        "Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT
    )
    ort.create_and_register_allocator(place, ort.OrtArenaCfg(0, -1, -1, -1))


def _shrinking() -> "ort.RunOptions":
    """Options of a run that gives back what the arena does not use once it has ended."""
    options = ort.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def _inference_session(graph: _Graph, device: Device) -> "ort.InferenceSession":
    if device.kind != "cpu":
        check_gpu(device)
    providers = provider_list(device)
    content, path = graph.content(), graph.path
    options = _session_options(device)
    # Below a file there is no folder: external data is looked for where nothing is.
    options.add_session_config_entry(_EXTERNAL_DATA_FOLDER, str(path / "none"))
    try:
        # Without enable_fallback=0 a provider that fails is replaced by the CPU's.
        session = ort.InferenceSession(content, options, providers=providers, enable_fallback=0)
    except Exception as error:  # onnxruntime raises its own unrelated exception types
        reason = (
            f"{error}; note that {conflict}" if (conflict := package_conflict()) else str(error)
        )
        raise ModelError(
            f"ONNX Runtime cannot open {path} on {device.name} ({reason}); restore or export the "
            "model again."
        ) from error
    # The session has made its own of them; Python would keep the bytes as long, for other providers.
    session._model_bytes = None
    if providers[0][0] not in session.get_providers():
        raise DeviceError(
            f"ONNX Runtime does not open the device '{device.name}', only "
            f"{', '.join(session.get_providers())}, and "
            "says why on stderr; see docs/gpu.md, or use --device cpu."
        )
    if device.kind != "cpu" and (left := left_to_the_cpu(session)):
        raise DeviceError(
            f"The device '{device.name}' cannot run {left.total()} matrix products of {path} "
            f"({', '.join(sorted(left))}), they would run on the CPU; export the model with "
            "--also fp16, or use "
            "--device cpu."
        )
    return session


def _session_options(device: Device) -> "ort.SessionOptions":
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what is an error comes as an exception
    if device.kind == "cpu":
        options.add_session_config_entry("session.use_env_allocators", "1")
        options.enable_mem_pattern = (
            False  # a plan kept for each length that ever came, and no faster
        )
    else:
        options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    return options


def _rows_apart(session: "ort.InferenceSession") -> bool:
    """Whether all inputs and outputs have the same named first axis, so that a batch can be run in
    parts.
    """
    first = {
        value.shape[0] if value.shape else None
        for value in (*session.get_inputs(), *session.get_outputs())
    }
    return len(first) == 1 and isinstance(first.pop(), str)
