"""Runs over buffers that stay on the device: inputs are copied there once, outputs land where they always do."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeAlias

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from biopipe.runtime.device import Device

__all__ = ["BoundSession"]

Feed: TypeAlias = Mapping[str, NDArray[Any]]
Key: TypeAlias = tuple[Any, ...]

MOST_SHAPES = 32  # buffers kept; the outputs of a batch of 32,768 tokens take 2 MB, its hidden states 50
MOST_GRAPHS = 128  # captured ones keep their buffers for good
_NOT_CAPTURED = "-1"


@dataclass(frozen=True, slots=True)
class _Buffers:
    """The device buffers of one shape. An output of a shape that cannot be foretold has none: ONNX Runtime makes it."""

    binding: Any
    options: Any
    inputs: Mapping[str, Any]
    outputs: Sequence[Any]


class BoundSession:
    """Runs a session by IO binding, with buffers kept for each shape of the inputs.

    With `graphs` each shape is captured as a CUDA graph of its own: a graph replays addresses, so its number belongs
    to one set of buffers, which is never given up. Not for several threads at a time.
    """

    def __init__(self, session: "ort.InferenceSession", device: Device) -> None:
        self._session = session
        # TensorRT takes its tensors on the CUDA device.
        self._place = ("cpu", 0) if device.kind == "cpu" else ("cuda", device.index)
        self._graphs = device.graphs
        self._numbers = count(1)
        self._captured: dict[Key, _Buffers] = {}
        self._buffers: OrderedDict[Key, _Buffers] = OrderedDict()

    def run(self, feed: Feed, outputs: Sequence[str] | None) -> list[NDArray[np.float32]]:
        """As `InferenceSession.run`."""
        names = outputs or [each.name for each in self._session.get_outputs()]
        buffers = self._of_shape(feed, names)
        for name, value in buffers.inputs.items():
            value.update_inplace(np.ascontiguousarray(feed[name]))
        self._session.run_with_iobinding(buffers.binding, buffers.options)
        if buffers.outputs:
            return [value.numpy() for value in buffers.outputs]
        return list(buffers.binding.copy_outputs_to_cpu())

    def forget(self) -> None:
        """Give up the buffers that no captured graph holds."""
        self._buffers.clear()

    def _of_shape(self, feed: Feed, names: Sequence[str]) -> _Buffers:
        key = (*names, *((name, array.shape, str(array.dtype)) for name, array in feed.items()))
        known = self._captured.get(key) or self._buffers.get(key)
        if known is not None:
            return known
        if self._graphs and len(self._captured) < MOST_GRAPHS:
            self._captured[key] = self._bind(feed, names, graph=str(next(self._numbers)))
            return self._captured[key]
        self._buffers[key] = self._bind(feed, names, graph=_NOT_CAPTURED)
        if len(self._buffers) > MOST_SHAPES:
            self._buffers.popitem(last=False)
        return self._buffers[key]

    def _bind(self, feed: Feed, names: Sequence[str], *, graph: str) -> _Buffers:
        binding = self._session.io_binding()
        inputs = {}
        for name, array in feed.items():
            inputs[name] = ort.OrtValue.ortvalue_from_shape_and_type(array.shape, array.dtype, *self._place)
            binding.bind_ortvalue_input(name, inputs[name])
        shapes = self._output_shapes(feed, names)
        outputs = []
        for name in names:
            if shapes is None:
                binding.bind_output(name, *self._place)
                continue
            shape, kind = shapes[name]
            outputs.append(ort.OrtValue.ortvalue_from_shape_and_type(shape, kind, *self._place))
            binding.bind_ortvalue_output(name, outputs[-1])
        options = ort.RunOptions()
        if self._graphs:
            # Where an output's address is not ours there is nothing to replay into.
            options.add_run_config_entry("gpu_graph_id", graph if shapes else _NOT_CAPTURED)
        return _Buffers(binding, options, inputs, outputs)

    def _output_shapes(self, feed: Feed, names: Sequence[str]) -> "dict[str, tuple[list[int], Any]] | None":
        """Shape and type of each output where the inputs' axes of the same name give them all."""
        sizes: dict[Any, int] = {}
        for each in self._session.get_inputs():
            sizes.update(zip(each.shape, feed[each.name].shape, strict=True))
        found = {}
        for each in self._session.get_outputs():
            shape = [axis if isinstance(axis, int) else sizes.get(axis, -1) for axis in each.shape or [None]]
            if each.name in names and -1 in shape:
                return None
            found[each.name] = (shape, _TYPES[each.type])
        return found


_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(int64)": np.int64}
