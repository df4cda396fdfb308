"""The attention of an encoder's last layer, by the names that its architecture gives the parts."""

from typing import Any

import torch
from transformers import AutoModel, PretrainedConfig, PreTrainedModel

from biopipe.errors import ConfigError

__all__ = ["check_layout", "encoder_of", "last_projections", "position_bias"]


def check_layout(encoder: PreTrainedModel, base: str) -> None:
    """ConfigError where `last_projections` does not know the architecture of an encoder."""
    if _attention_of(encoder) is None:
        raise ConfigError(
            f"The architecture {encoder.config.model_type} of {base} is not laid out like BERT; "
            "start a relation model from a BERT, RoBERTa, ELECTRA or MPNet encoder."
        )


def encoder_of(config: PretrainedConfig, attention: str) -> PreTrainedModel:
    """An encoder with weights yet to be loaded and an `attention` of transformers ("sdpa"), where
    its architecture has that, else with the plain one.
    """
    try:
        encoder: PreTrainedModel = AutoModel.from_config(  # type: ignore[no-untyped-call]
            config, attn_implementation=attention
        )
    except ValueError:
        encoder = AutoModel.from_config(  # type: ignore[no-untyped-call]
            config, attn_implementation="eager"
        )
    return encoder


def last_projections(encoder: PreTrainedModel) -> tuple[torch.nn.Linear, torch.nn.Linear]:
    """The projections to queries and to keys of the last layer."""
    attention = _attention_of(encoder)
    if hasattr(attention, "query"):
        return attention.query, attention.key
    return attention.q, attention.k


def position_bias(encoder: PreTrainedModel, states: torch.Tensor) -> torch.Tensor | None:
    """What the distance of two tokens adds to their attention, (heads, tokens, tokens) from a token
    to another, for `states` (windows, tokens, width); None where the architecture has none.
    """
    own: Any = encoder
    if not hasattr(own.encoder, "compute_position_bias"):
        return None
    bias: torch.Tensor = own.encoder.compute_position_bias(states[:1])[0]
    return bias


def _attention_of(encoder: Any) -> Any:
    layers = getattr(getattr(encoder, "encoder", None), "layer", None)
    attention = getattr(layers[-1], "attention", None) if layers else None
    return getattr(attention, "self", getattr(attention, "attn", None))
