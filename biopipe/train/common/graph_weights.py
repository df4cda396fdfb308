"""The weights in the graph of an exported model, by the names they had in training."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import ModelError

__all__ = ["attention_heads", "graph_weights"]

_PRODUCTS = ("MatMul", "MatMulInteger")
_FUSED_ATTENTION = ("Attention", "QAttention")
# The product behind the attention keeps its name, which tells where the matrices stood that were
# fused into one.
_BEHIND_ATTENTION = re.compile(r"/(.*/layer\.)\d+/attention/output/dense/MatMul(_quant)?")
_PROJECTIONS = ("query", "key", "value")


def attention_heads(path: Path) -> int:
    """How many attention heads the graph of an exported model has; ModelError where it does not
    say.
    """
    import onnx

    model = onnx.load(str(path))
    for node in model.graph.node:
        for attribute in node.attribute:
            if node.op_type in _FUSED_ATTENTION and attribute.name == "num_heads":
                return int(attribute.i)
    properties = {entry.key: entry.value for entry in model.metadata_props}
    if "heads" not in properties:
        raise ModelError(
            f"The graph {path} does not say how many attention heads it has; export it again."
        )
    return int(properties["heads"])


def graph_weights(path: Path) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """(name in the traced module, fp32 values) of every weight of an int8 or fp32 graph, matrices as
    PyTorch keeps them.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for name, values in arrays.items():
        # As `quantise_embeddings` writes tables: a scale for each row.
        if name.endswith(".int8"):
            table = name.removesuffix(".int8")
            yield table, values.astype(np.float32) * arrays[f"{table}.scale"]
        elif values.dtype == np.float32 and name.endswith((".weight", ".bias")):
            yield name, np.array(values)
    for node in graph.node:
        if node.op_type in _PRODUCTS and node.input[1] in arrays:
            yield _matrix(node, arrays)
    behind = [match for node in graph.node if (match := _BEHIND_ATTENTION.fullmatch(node.name))]
    fused = [node for node in graph.node if node.op_type in _FUSED_ATTENTION]
    for layer, (match, node) in enumerate(zip(behind, fused, strict=False)):
        module = f"{match[1].replace('/', '.')}{layer}.attention.self"
        yield from _projections(node, arrays, module)


def _matrix(node: Any, arrays: Mapping[str, NDArray[Any]]) -> tuple[str, NDArray[np.float32]]:
    whole = node.input[1].removesuffix("_quantized")
    module = re.sub(r"/MatMul(_quant)?$", "", node.name).removeprefix("/").replace("/", ".")
    # The exporter keeps the name of a transposed matrix only where the graph transposes it itself.
    name = whole if whole.endswith(".weight") else f"{module}.weight"
    # A graph multiplies from the left, a Linear layer keeps its matrix transposed.
    return name, np.ascontiguousarray(_unquantised(node.input[1], arrays).T)


def _projections(
    node: Any, arrays: Mapping[str, NDArray[Any]], module: str
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The matrices and biases of query, key and value, which lie side by side."""
    matrices = np.split(_unquantised(node.input[1], arrays), len(_PROJECTIONS), axis=1)
    biases = np.split(arrays[node.input[2]], len(_PROJECTIONS))
    for name, matrix, bias in zip(_PROJECTIONS, matrices, biases, strict=True):
        yield f"{module}.{name}.weight", np.ascontiguousarray(matrix.T)
        yield f"{module}.{name}.bias", np.array(bias)


def _unquantised(name: str, arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
    values = arrays[name].astype(np.float32)
    whole = name.removesuffix("_quantized")
    if whole != name:
        values = (values - arrays[f"{whole}_zero_point"].astype(np.float32)) * arrays[
            f"{whole}_scale"
        ]
    return values
