"""A torch module to an ONNX graph, traced, and fused."""

import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import torch
from transformers import PreTrainedConfig

__all__ = ["OPSET", "fuse", "made_with", "output_names", "trace"]

# The first with layer norms as operators of their own.
OPSET = 17


def trace(
    module: torch.nn.Module,
    inputs: Mapping[str, torch.Tensor],
    outputs: Sequence[str],
    axes: Mapping[str, Mapping[int, str]],
    path: Path,
    *,
    config: PreTrainedConfig,
    operators: Mapping[str, int] | None = None,
) -> None:
    """Write `module` as fp32 ONNX, as it is; `fuse` takes its number of heads and its width from
    the file. `operators` are the sets beside ONNX's own that it uses, by name with their version.

    The TorchScript exporter is used because its graphs are the ones whose attention onnxruntime
    fuses. `inputs` are an example of them by name; `axes` names the dimensions that may differ.
    """
    import onnx

    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            tuple(inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: dict(dimensions) for name, dimensions in axes.items()},
            opset_version=OPSET,
            custom_opsets=operators,
            dynamo=False,
        )
    model = onnx.load(str(path))
    sizes = {"heads": str(config.num_attention_heads), "width": str(config.hidden_size)}
    onnx.helper.set_model_props(model, sizes)
    onnx.save(model, str(path))


def fuse(source: Path, target: Path, *, attention: bool, residual: bool) -> None:
    """Write a traced graph with layer norms and activations as one operator each, where it has
    BERT's pattern.

    With `attention` that is one operator too, and with `residual` the additions before norms and
    activations are part of theirs.
    """
    import onnx
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    sizes = {entry.key: int(entry.value) for entry in onnx.load(str(source)).metadata_props}
    options = FusionOptions("bert")
    options.enable_embed_layer_norm = False  # fused embeddings would stay fp32: 47 MB instead of 12
    options.enable_attention = attention
    options.enable_skip_layer_norm = options.enable_bias_skip_layer_norm = residual
    options.enable_bias_gelu = residual
    fused = optimizer.optimize_model(
        str(source),
        model_type="bert",
        num_heads=sizes["heads"],
        hidden_size=sizes["width"],
        # Fusions alone: ONNX Runtime's own optimisations are made where the graph is loaded.
        opt_level=0,
        optimization_options=options,
    )
    fused.save_model_to_file(str(target))


def output_names(path: Path) -> list[str]:
    """Names of a graph's outputs, in their order."""
    import onnx

    return [str(output.name) for output in onnx.load(str(path)).graph.output]


def made_with() -> dict[str, str]:
    """Versions of what shapes an exported graph."""
    return {name: version(name) for name in ("torch", "transformers", "onnx", "onnxruntime")}
