"""Relation checkpoints: the model they start from, the files they are, and the model read back."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, BertConfig, BertModel

from biopipe.errors import ConfigError, ModelError
from biopipe.io.manifest_files import MANIFEST
from biopipe.runtime.manifest import load_manifest
from biopipe.train.common.graph_weights import attention_heads, graph_weights
from biopipe.train.relations.attention import encoder_of
from biopipe.train.relations.model import RelationModel, read_states
from biopipe.train.relations.scheme import Scheme, load_trained_scheme
from biopipe.train.relations.trunk import load_trunk

__all__ = ["load_trained", "save_relation_model", "start_relation_model"]

BESIDE = ("words.", "mix.", "trees.")  # what stands beside the network


def save_relation_model(model: RelationModel, output: Path) -> None:
    """Write `model.safetensors` and the encoder's config."""
    tensors = {name: tensor.contiguous().clone() for name, tensor in model.state_dict().items()}
    save_file(tensors, output / "model.safetensors")
    model.encoder.config.save_pretrained(output)


def start_relation_model(base: str, scheme: Scheme, own_layers: int | None) -> RelationModel:
    """A model from an encoder, from a relation checkpoint of the same scheme, or from the model
    directory of one; with `own_layers` of its encoder on top of a trunk. ConfigError where the
    checkpoint has other labels, ModelError where the directory is not of such a model.
    """
    if (Path(base) / MANIFEST).is_file():
        return _from_directory(Path(base), scheme, own_layers)
    if not (Path(base) / "scheme.json").is_file():
        return RelationModel.start(base, **scheme.shape(), own_layers=own_layers)
    earlier, _ = load_trained_scheme(Path(base))
    main, others = earlier.tasks[0], scheme.tasks[0]
    if (main.relation_labels, earlier.entity_labels) != (
        others.relation_labels,
        scheme.entity_labels,
    ) or (main.subject, earlier.kinds) != (others.subject, scheme.kinds):
        raise ConfigError(
            f"The checkpoint {base} has other labels than the scheme; start from an encoder "
            "instead."
        )
    return _from_checkpoint(Path(base), earlier, scheme, own_layers)


def _from_checkpoint(
    base: Path, earlier: Scheme, scheme: Scheme, own_layers: int | None
) -> RelationModel:
    """The network of a checkpoint; what stands beside it, and the outputs of further schemes that
    it does not have, are new.
    """
    trained = load_trained(base, earlier, attention="sdpa")
    if own_layers is not None:
        read_states(trained.encoder, own_layers)
    model = RelationModel(trained.encoder, **scheme.shape())
    weights = trained.state_dict()
    model.load_state_dict(
        {
            name: tensor
            if name.startswith(BESIDE) and tensor.shape != weights[name].shape
            else _with_outputs(name, weights[name], tensor)
            for name, tensor in model.state_dict().items()
        }
    )
    return model


def _from_directory(directory: Path, scheme: Scheme, own_layers: int | None) -> RelationModel:
    """The model of a directory that reads a trunk, its weights as int8 left them."""
    manifest = load_manifest(directory, task="relation")
    if own_layers is None or "trunk" not in manifest.settings:
        raise ModelError(
            f"Training goes on from the model directory {directory} only where it reads the states "
            "of another model and --trunk names one; start from its checkpoint."
        )
    weights = dict(graph_weights(directory / "model.onnx"))
    try:
        model = RelationModel(_own_encoder(weights, directory, own_layers), **scheme.shape())
        # BERT's pooler, which nothing reads, is in no graph, and what stands beside the network is
        # fitted anew.
        model.load_state_dict(
            {
                name: tensor
                if ".pooler." in name or name.startswith(BESIDE)
                else _with_outputs(name, torch.from_numpy(weights[name]), tensor)
                for name, tensor in model.state_dict().items()
            }
        )
    except (KeyError, RuntimeError) as error:
        raise ModelError(
            f"The graph of {directory} is not that of a relation model with the scheme's labels "
            f"and {own_layers} layers of its own ({' '.join(str(error).split())[:200]})."
        ) from error
    return model


def _own_encoder(
    weights: Mapping[str, NDArray[np.float32]], directory: Path, layers: int
) -> BertModel:
    """The layers that read a trunk's states, with weights yet to be loaded."""
    wide = weights["encoder.encoder.layer.0.intermediate.dense.bias"]
    width = weights["encoder.encoder.layer.0.output.dense.bias"]
    config = BertConfig(
        vocab_size=1,
        hidden_size=len(width),
        num_hidden_layers=layers,
        num_attention_heads=attention_heads(directory / "model.onnx"),
        intermediate_size=len(wide),
    )
    encoder = BertModel(config)
    read_states(encoder, layers)
    return encoder


def _with_outputs(name: str, earlier: torch.Tensor, fresh: torch.Tensor) -> torch.Tensor:
    """Earlier weights for the outputs of `fresh`: those behind them, of further schemes that the
    network learned, are left out, and such as it has none of are new.
    """
    if name.startswith(("bilinear.", "out.")):
        return torch.cat([earlier[: len(fresh)], fresh[len(earlier) :]])
    return earlier


def load_trained(checkpoint: Path, scheme: Scheme, *, attention: str = "eager") -> RelationModel:
    """The trained model; the exporter fuses `eager` attention, training is faster with `sdpa`."""
    config = AutoConfig.from_pretrained(checkpoint)
    encoder = encoder_of(config, attention)
    if load_trunk(checkpoint) is not None:
        read_states(encoder, config.num_hidden_layers)
    model = RelationModel(encoder, **scheme.shape())
    model.load_state_dict(load_file(checkpoint / "model.safetensors"))
    return model.eval()
