"""Runs over buffers that stay on the device: inputs are copied there once, outputs land where they
always do.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from biopipe.runtime.device import Device

__all__ = ["BoundSession", "Buffers"]

Feed: TypeAlias = Mapping[str, NDArray[Any]]
Key: TypeAlias = tuple[Any, ...]

MOST_SHAPES = (
    32  # buffers kept; the outputs of a batch of 32,768 tokens take 2 MB, its hidden states 50
)
MOST_GRAPHS = 128  # captured ones keep their buffers for good
_NOT_CAPTURED = -1


@dataclass(frozen=True, slots=True)
class Buffers:
    """The device buffers of one shape. An output of a shape that cannot be foretold has none: ONNX
    Runtime makes it.
    """

    binding: Any
    options: Any
    inputs: Mapping[str, Any]
    outputs: Sequence[Any]


class BoundSession:
    """Runs a session by IO binding, with buffers kept for each shape of the inputs.

    With `graphs` each shape that comes again is captured as a CUDA graph of its own: a graph
    replays addresses, so its number belongs to one set of buffers, which is never given up. Not for
    several threads at a time.
    """

    def __init__(self, session: "ort.InferenceSession", device: Device) -> None:
        self._session = session
        # TensorRT takes its tensors on the CUDA device.
        self._place = ("cpu", 0) if device.kind == "cpu" else ("cuda", device.index)
        self._graphs = device.graphs
        self._captured: dict[Key, Buffers] = {}
        self._buffers: OrderedDict[Key, Buffers] = OrderedDict()

    def run(self, feed: Feed, outputs: Sequence[str] | None) -> list[NDArray[np.float32]]:
        """As `InferenceSession.run`."""
        names = outputs or [output.name for output in self._session.get_outputs()]
        buffers = self.buffers_of(feed, names)
        for name, value in buffers.inputs.items():
            value.update_inplace(np.ascontiguousarray(feed[name]))
        if not buffers.outputs:  # what the last run left bound has the shape of the last run
            buffers.binding.clear_binding_outputs()
            for name in names:
                buffers.binding.bind_output(name, *self._place)
        self._session.run_with_iobinding(buffers.binding, buffers.options)
        if not buffers.outputs:
            return list(buffers.binding.copy_outputs_to_cpu())
        arrays = [value.numpy() for value in buffers.outputs]
        # On the CPU that is the buffer itself, which the next run overwrites.
        return [array.copy() for array in arrays] if self._place[0] == "cpu" else arrays

    def buffers_of(self, feed: Feed, names: Sequence[str]) -> Buffers:
        """The buffers of this shape of inputs. A shape that comes for the second time is captured
        from then on.
        """
        key = (*names, *((name, array.shape, str(array.dtype)) for name, array in feed.items()))
        if key in self._captured:
            return self._captured[key]
        if key not in self._buffers:
            self._buffers[key] = self._bind(feed, names)
            if len(self._buffers) > MOST_SHAPES:
                self._buffers.popitem(last=False)
        elif self._graphs and self._buffers[key].outputs and len(self._captured) < MOST_GRAPHS:
            buffers = self._buffers.pop(key)
            self._captured[key] = replace(buffers, options=self._options(len(self._captured) + 1))
            return self._captured[key]
        self._buffers.move_to_end(key)
        return self._buffers[key]

    def _options(self, graph: int) -> Any:
        options = ort.RunOptions()
        options.log_severity_level = 4  # what is an error comes as an exception
        if self._graphs:
            options.add_run_config_entry("gpu_graph_id", str(graph))
        return options

    def _bind(self, feed: Feed, names: Sequence[str]) -> Buffers:
        binding = self._session.io_binding()
        inputs = {}
        for name, array in feed.items():
            inputs[name] = ort.OrtValue.ortvalue_from_shape_and_type(
                array.shape, array.dtype, *self._place
            )
            binding.bind_ortvalue_input(name, inputs[name])
        outputs = []
        for name, (shape, kind) in self._output_shapes(feed, names).items():
            outputs.append(ort.OrtValue.ortvalue_from_shape_and_type(shape, kind, *self._place))
            binding.bind_ortvalue_output(name, outputs[-1])
        return Buffers(binding, self._options(_NOT_CAPTURED), inputs, outputs)

    def _output_shapes(self, feed: Feed, names: Sequence[str]) -> dict[str, tuple[list[int], Any]]:
        """Shape and type of each output by the inputs' axes of the same name; empty where those do
        not give all.
        """
        sizes: dict[Any, int] = {}
        for graph_input in self._session.get_inputs():
            sizes.update(zip(graph_input.shape, feed[graph_input.name].shape, strict=True))
        about = {output.name: output for output in self._session.get_outputs()}
        shapes = {}
        for name in names:
            axes = about[name].shape or [None]
            shape = [axis if isinstance(axis, int) else sizes.get(axis, -1) for axis in axes]
            shapes[name] = (shape, _TYPES[about[name].type])
        return {} if any(-1 in shape for shape, _ in shapes.values()) else shapes


_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(int64)": np.int64}
