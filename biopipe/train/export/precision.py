"""An fp32 graph in another number format: int8 weights for processors, fp16 for graphics cards."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from biopipe.train.export.onnx_graph import fuse

__all__ = ["PRECISIONS", "half", "quantise", "quantise_embeddings", "write_in_precision"]

# The largest of int8 on either side of zero: symmetric, so that no zero point is stored.
_LARGEST_INT8 = 127
# A row of zeros is divided by this, not by zero.
_LEAST_ABSOLUTE = 1e-12

PRECISIONS = ("int8", "fp16", "fp32")
QUANTISED = ("MatMul", "Attention")

# What fp16 cannot hold: sums of many terms, exponentials and their logarithms, and the statistics
# of a layer norm that is not fused. The fused kernels (Attention, SkipLayerNormalization, BiasGelu)
# take care of theirs.
EXACT_OPERATORS = (
    "LayerNormalization",
    "Softmax",
    "LogSoftmax",
    "Softplus",
    "Exp",
    "Log",
    "Pow",
    "Sqrt",
    "ReduceSum",
    "ReduceMean",
    "ReduceL2",
    "ReduceLogSumExp",
    "CumSum",
    "Range",
    "Min",
    "Max",
    "TopK",
)


def write_in_precision(
    source: Path, target: Path, precision: str, *, exact: str = "", whole: str = "", bits: int = 8
) -> None:
    """Write a traced graph in `precision`; an fp16 graph keeps nodes in fp32 whose names match
    `exact`.

    An int8 graph keeps the products whose names match `whole`, and gives the weights of the others
    `bits`.

    Each has the fusions it is fastest with. The int8 product of ONNX Runtime adds the bias itself,
    so it is left to it: with all fusions the graph took a quarter longer on texts of 64 to 256
    tokens. Graphics cards gain by all.
    """
    if precision == "fp32":
        fuse(source, target, attention=True, residual=False)
        return
    fused = target.with_name(f"{target.stem}.fused.onnx")
    with _without_advice():
        if precision == "int8":
            fuse(source, fused, attention=False, residual=False)
            quantise(fused, target, whole=whole, bits=bits)
        else:
            fuse(source, fused, attention=True, residual=True)
            half(fused, target, exact=exact)
    fused.unlink()


@contextmanager
def _without_advice() -> Iterator[None]:
    """Silences onnxruntime's tools, which tell the root logger what could be done besides."""
    root = logging.getLogger()

    def nothing(_: logging.LogRecord) -> bool:
        return False

    root.addFilter(nothing)
    try:
        yield
    finally:
        root.removeFilter(nothing)


def half(source: Path, target: Path, *, exact: str = "") -> None:
    """fp16 weights and arithmetic; inputs and outputs stay what they were, so the same code runs
    the graph.
    """
    import onnx
    from onnxruntime.transformers.onnx_model import OnnxModel

    model = OnnxModel(onnx.load(str(source)))
    graph = model.model.graph
    kept = [node.name for node in graph.node if exact and re.match(exact, node.name)]
    model.convert_float_to_float16(
        keep_io_types=True,
        op_block_list=list(EXACT_OPERATORS),
        node_block_list=[*kept, *_become_integers(graph)],
    )
    _drop_doubles(model.model.graph)
    model.topological_sort()
    onnx.save(model.model, str(target))


def _drop_doubles(graph: Any) -> None:
    """The converter casts a value once for each fp32 node that reads it, always under the same
    name.
    """
    nodes = list({tuple(node.output): node for node in reversed(graph.node)}.values())
    del graph.node[:]
    graph.node.extend(reversed(nodes))


def _become_integers(graph: Any) -> list[str]:
    """Names of the nodes whose values end as integers, as DeBERTa's distances do: a rounded one is
    another index.
    """
    from onnx import TensorProto

    producers = {output: node for node in graph.node for output in node.output}
    floats = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BOOL}
    waiting = [
        node.input[0]
        for node in graph.node
        if node.op_type == "Cast"
        and next(a.i for a in node.attribute if a.name == "to") not in floats
    ]
    names: dict[str, None] = {}
    while waiting:
        node = producers.get(waiting.pop())
        if node is not None and node.name not in names:
            names[node.name] = None
            waiting += list(node.input)
    return list(names)


def quantise(source: Path, target: Path, *, whole: str = "", bits: int = 8) -> None:
    """Dynamic int8: matrix products with one scale a column, embedding tables with one scale a row.

    With 7 `bits` a weight all processors give the same sums; those without VNNI overflow at some of
    8. Products whose names match `whole` stay fp32. onnxruntime gives a whole embedding table one
    scale, which cost the relation model more F1 than all its matrix products together.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = onnx.load(str(source))
    quantise_embeddings(model)
    with_tables = source.with_name(f"{source.stem}.tables.onnx")
    onnx.save(model, str(with_tables))
    quantize_dynamic(
        str(with_tables),
        str(target),
        per_channel=True,
        reduce_range=bits == 7,
        nodes_to_exclude=[
            node.name for node in model.graph.node if whole and re.match(whole, node.name)
        ],
        weight_type=QuantType.QInt8,
        op_types_to_quantize=list(QUANTISED),
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    with_tables.unlink()


def quantise_embeddings(model: Any) -> None:
    """Replace Gather(table) by Gather(int8 table) * Gather(scale of each row), in place."""
    from onnx import TensorProto, helper, numpy_helper

    tables = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        table = tables.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or table.data_type != TensorProto.FLOAT or len(table.dims) != 2:
            nodes.append(node)
            continue
        values = numpy_helper.to_array(table)
        largest = np.maximum(np.abs(values).max(axis=1, keepdims=True), _LEAST_ABSOLUTE)
        scale = largest.astype(np.float32) / _LARGEST_INT8
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
                "Gather",
                [f"{table.name}.scale", node.input[1]],
                [f"{result}.scale"],
                f"{name}.scale",
            ),
            helper.make_node(
                "Cast", [f"{result}.int8"], [f"{result}.cast"], f"{name}.cast", to=TensorProto.FLOAT
            ),
            helper.make_node("Mul", [f"{result}.cast", f"{result}.scale"], [result], f"{name}.mul"),
        ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
