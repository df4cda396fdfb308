"""Any Hugging Face token classifier as a graph from tokens to tags."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForTokenClassification, PreTrainedConfig

from biopipe.document import Document
from biopipe.errors import ModelError
from biopipe.ner.labels import TagSet
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.base import resolve_base, save_tokenizer
from biopipe.train.export.onnx_graph import trace
from biopipe.train.export.tagger_parity import check_tags
from biopipe.train.export.task import (
    ModelDescription,
    TracedModel,
    longest_input,
    text_feeds,
    token_example,
)

__all__ = ["trace_tagger"]

STRIDE = 64
# A dozen columns decide: rounding them cost as much F1 as rounding all the rest.
CLASSIFIER = r"/model/classifier/"


def trace_tagger(
    checkpoint: str,
    folder: Path,
    about: ModelDescription,
    documents: Sequence[Document],
    *,
    states_layer: int | None = None,
) -> TracedModel:
    """Write `folder`/fp32.onnx with the output `logits`, then `states` where a layer is asked
    for.
    """
    source = resolve_base(checkpoint)
    model = AutoModelForTokenClassification.from_pretrained(
        source, attn_implementation="eager"
    ).eval()
    config = model.config
    tags = [str(config.id2label[i]) for i in range(config.num_labels)]
    tag_set = TagSet.from_tags(tags)
    _check_layer(states_layer, config, checkpoint)
    tokenizer = Tokenizer(save_tokenizer(source, folder))
    module = _TokenLogits(model, states_layer)
    outputs = ["logits"] if states_layer is None else ["logits", "states"]
    example, axes = token_example("input_ids", "attention_mask")
    axes |= {name: {0: "batch", 1: "tokens"} for name in outputs}
    trace(module, example, outputs, axes, folder / "fp32.onnx", config=config)
    max_length = longest_input(source, config)
    return TracedModel(
        module=module,
        feeds=text_feeds(
            [document.text for document in documents], tokenizer, max_length=max_length
        ),
        gate=partial(check_tags, tags=tag_set),
        manifest_fields={
            "labels": tag_set.labels,
            "max_length": max_length,
            "stride": min(STRIDE, max_length // 4),
            "settings": _settings(tags, about, config, states_layer),
        },
        whole=CLASSIFIER,
    )


def _settings(
    tags: Sequence[str], about: ModelDescription, config: PreTrainedConfig, states_layer: int | None
) -> dict[str, Any]:
    """What a tagger reads of its manifest; what is as usual is left out."""
    settings: dict[str, Any] = {"tags": list(tags)}
    if states_layer is not None:
        settings["states_layer"] = states_layer
    if guidelines := getattr(config, "guidelines", {}):
        settings["guidelines"] = dict(guidelines)
    if about.agreement:
        settings["agreement"] = about.agreement
    if about.short_forms:
        settings["short_forms"] = True
    return settings


def _check_layer(states_layer: int | None, config: PreTrainedConfig, checkpoint: str) -> None:
    layers = int(config.num_hidden_layers)
    if states_layer is not None and not 1 <= states_layer <= layers:
        raise ModelError(
            f"{checkpoint} has no encoder layer {states_layer}; give one of 1 to {layers}."
        )


class _TokenLogits(torch.nn.Module):
    """Logits (batch, tokens, tags), and the hidden states after `states_layer` where one is asked
    for.
    """

    def __init__(self, model: torch.nn.Module, states_layer: int | None) -> None:
        super().__init__()
        self.model = model
        self.states_layer = states_layer

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        answer = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            output_hidden_states=self.states_layer is not None,
        )
        if self.states_layer is None:
            return (answer.logits,)
        return answer.logits, answer.hidden_states[self.states_layer]
