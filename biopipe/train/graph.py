"""A torch module to an ONNX graph, traced and fused."""

import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import torch
from transformers import PreTrainedConfig

__all__ = ["OPSET", "made_with", "trace"]

OPSET = 17


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


def made_with() -> dict[str, str]:
    """Versions of what shapes an exported graph."""
    return {name: version(name) for name in ("torch", "transformers", "onnx", "onnxruntime")}
