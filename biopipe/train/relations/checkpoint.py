"""Relation checkpoints: the model they start from, the files they are, and the model read back."""

from pathlib import Path

from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel

from biopipe.errors import ConfigError
from biopipe.train.relations.model import RelationModel, read_states
from biopipe.train.relations.scheme import Scheme, load_trained_scheme
from biopipe.train.relations.trunk import load_trunk

__all__ = ["load_teacher", "load_trained", "save_relation_model", "start_relation_model"]


def save_relation_model(model: RelationModel, output: Path) -> None:
    """Write `model.safetensors` and the encoder's config."""
    tensors = {name: tensor.contiguous().clone() for name, tensor in model.state_dict().items()}
    save_file(tensors, output / "model.safetensors")
    model.encoder.config.save_pretrained(output)


def start_relation_model(base: str, scheme: Scheme, own_layers: int | None) -> RelationModel:
    """A model from an encoder, or from a relation checkpoint of the same scheme; with `own_layers`
    of its encoder on top of a trunk. ConfigError where the checkpoint has other labels.
    """
    if not (Path(base) / "scheme.json").is_file():
        return RelationModel.start(base, **scheme.shape(), own_layers=own_layers)
    earlier, _ = load_trained_scheme(Path(base))
    if earlier.shape() != scheme.shape() or earlier.entity_labels != scheme.entity_labels:
        raise ConfigError(
            f"The checkpoint {base} has other labels than the scheme; start from an encoder "
            "instead."
        )
    model = load_trained(Path(base), scheme, attention="sdpa")
    if own_layers is not None:
        read_states(model.encoder, own_layers)
    return model


def load_teacher(checkpoint: Path, scheme: Scheme) -> RelationModel:
    """A relation checkpoint without a trunk; ConfigError where it has one, or other labels."""
    earlier, _ = load_trained_scheme(checkpoint)
    if load_trunk(checkpoint) is not None or earlier.shape() != scheme.shape():
        raise ConfigError(
            f"The checkpoint {checkpoint} cannot teach: it must have the scheme's labels and no "
            "trunk."
        )
    return load_trained(checkpoint, scheme, attention="sdpa")


def load_trained(checkpoint: Path, scheme: Scheme, *, attention: str = "eager") -> RelationModel:
    """The trained model; the exporter fuses `eager` attention, training is faster with `sdpa`."""
    config = AutoConfig.from_pretrained(checkpoint)
    encoder = AutoModel.from_config(  # type: ignore[no-untyped-call]
        config, attn_implementation=attention
    )
    if load_trunk(checkpoint) is not None:
        read_states(encoder, config.num_hidden_layers)
    model = RelationModel(encoder, **scheme.shape())
    model.load_state_dict(load_file(checkpoint / "model.safetensors"))
    return model.eval()
