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
QUANTISED = ["MatMul", "Gemm", "Gather", "Attention"]


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


def quantise(source: Path, target: Path, *, keep: Sequence[str] = ()) -> None:
    """Dynamic int8, weights per channel; nodes whose name starts with one of `keep` stay fp32."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    kept = [node.name for node in onnx.load(str(source)).graph.node if node.name.startswith(tuple(keep))]
    quantize_dynamic(
        str(source),
        str(target),
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=QUANTISED,
        nodes_to_exclude=kept if keep else [],
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def run_graph(path: Path, feeds: Sequence[Mapping[str, NDArray[Any]]]) -> list[list[NDArray[np.float32]]]:
    """The outputs of the graph at `path` on each feed."""
    return Session(path).run(feeds)


def made_with() -> dict[str, str]:
    """Versions of what shapes an exported graph."""
    return {name: version(name) for name in ("torch", "transformers", "onnx", "onnxruntime")}
