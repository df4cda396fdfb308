"""A torch module to an ONNX graph: trace, fuse, quantise, and measure how far the result is from the module."""

import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import PreTrainedConfig

from biopipe.runtime.session import Session

__all__ = ["OPSET", "made_with", "quantise", "run_graph", "trace"]

OPSET = 17
QUANTISED = ["MatMul", "Attention"]


def trace(
    module: torch.nn.Module,
    inputs: Mapping[str, torch.Tensor],
    outputs: Sequence[str],
    axes: Mapping[str, Mapping[int, str]],
    path: Path,
    *,
    config: PreTrainedConfig,
) -> None:
    """Write `module` as fp32 ONNX with the transformer fusions of onnxruntime.

    The TorchScript exporter is used because its graphs are the ones whose attention onnxruntime fuses.
    """
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            tuple(inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: dict(each) for name, each in axes.items()},
            opset_version=OPSET,
            dynamo=False,
        )
        options = FusionOptions("bert")
        options.enable_embed_layer_norm = False  # fused embeddings would stay fp32: 47 MB instead of 12
        fused = optimizer.optimize_model(
            str(path),
            model_type="bert",
            num_heads=config.num_attention_heads,
            hidden_size=config.hidden_size,
            opt_level=0,
            optimization_options=options,
        )
    fused.save_model_to_file(str(path))


def quantise(source: Path, target: Path) -> None:
    """Dynamic int8: matrix products with one scale a column, embedding tables with one scale a row.

    onnxruntime gives a whole embedding table one scale, which cost the relation model more F1 than all its matrix
    products together.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = onnx.load(str(source))
    _quantise_embeddings(model)
    with_tables = source.with_name(f"{source.stem}.tables.onnx")
    onnx.save(model, str(with_tables))
    quantize_dynamic(
        str(with_tables),
        str(target),
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=QUANTISED,
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    with_tables.unlink()


def _quantise_embeddings(model: Any) -> None:
    """Replace Gather(table) by Gather(int8 table) * Gather(scale of each row), in place."""
    from onnx import TensorProto, helper, numpy_helper

    tables = {each.name: each for each in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        table = tables.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or table.data_type != TensorProto.FLOAT or len(table.dims) != 2:
            nodes.append(node)
            continue
        values = numpy_helper.to_array(table)
        scale = np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-12).astype(np.float32) / 127
        name, (result,) = node.name, node.output
        model.graph.initializer.remove(table)
        model.graph.initializer.append(
            numpy_helper.from_array(np.round(values / scale).astype(np.int8), f"{table.name}.int8")
        )
        model.graph.initializer.append(numpy_helper.from_array(scale, f"{table.name}.scale"))
        nodes += [
            helper.make_node(
                "Gather", [f"{table.name}.int8", node.input[1]], [f"{result}.int8"], f"{name}.int8"
            ),
            helper.make_node(
                "Gather", [f"{table.name}.scale", node.input[1]], [f"{result}.scale"], f"{name}.scale"
            ),
            helper.make_node(
                "Cast", [f"{result}.int8"], [f"{result}.cast"], f"{name}.cast", to=TensorProto.FLOAT
            ),
            helper.make_node("Mul", [f"{result}.cast", f"{result}.scale"], [result], f"{name}.mul"),
        ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def run_graph(path: Path, feeds: Sequence[Mapping[str, NDArray[Any]]]) -> list[list[NDArray[np.float32]]]:
    """The outputs of the graph at `path` on each feed."""
    return Session(path).run(feeds)


def made_with() -> dict[str, str]:
    """Versions of what shapes an exported graph."""
    return {name: version(name) for name in ("torch", "transformers", "onnx", "onnxruntime")}
