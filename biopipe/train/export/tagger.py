"""Any Hugging Face token classifier as a graph from tokens to tags."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForTokenClassification, PreTrainedConfig, PreTrainedModel

from biopipe.document import Document
from biopipe.errors import ModelError
from biopipe.ner.labels import TagSet, renamed_tags
from biopipe.ner.name_features import FEATURES_PER_LABEL, NAMES_INPUT, announce
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.base import longest_input, resolve_base, save_tokenizer
from biopipe.train.common.checkpoint_folder import reading_checkpoint
from biopipe.train.export.onnx_graph import trace
from biopipe.train.export.tagger_parity import check_tags
from biopipe.train.export.task import (
    TRACED_SHAPE,
    Feed,
    ModelDescription,
    TracedModel,
    text_feeds,
    token_example,
)
from biopipe.train.ner.known_names import add_names_input, names_labels, run_tagger

__all__ = ["trace_tagger"]

STRIDE = 64
# A dozen columns decide: rounding them cost as much F1 as rounding all the rest. What names add to
# the words is a small product.
WHOLE = r"/model/classifier/|/names_layer/"
# Share of the tokens of the sample that are announced as a name, of a label each in turn.
_SAMPLE_NAMES = 0.1


def trace_tagger(
    checkpoint: str,
    folder: Path,
    about: ModelDescription,
    documents: Sequence[Document],
    *,
    states_layer: int | None = None,
) -> TracedModel:
    """Write `folder`/fp32.onnx with the output `logits`, and `states` if a layer is asked for."""
    source = resolve_base(checkpoint)
    model = _load_classifier(checkpoint, source)
    config: Any = model.config
    tags = about.tags or [str(config.id2label[i]) for i in range(config.num_labels)]
    _check_tags(tags, config, checkpoint)
    tags = renamed_tags(tags, about.labels)
    tag_set = TagSet.from_tags(tags)
    _check_layer(states_layer, config, checkpoint)
    tokenizer = Tokenizer(save_tokenizer(source, folder))
    told = names_labels(model)
    if told:
        add_names_input(model, told, source)
    module = _TokenLogits(model, states_layer)
    outputs = ["logits"] if states_layer is None else ["logits", "states"]
    example, axes = _example_inputs(len(told))
    axes |= {name: {0: "batch", 1: "tokens"} for name in outputs}
    trace(module, example, outputs, axes, folder / "fp32.onnx", config=config)
    max_length = longest_input(source, config)
    feeds = text_feeds([document.text for document in documents], tokenizer, max_length=max_length)
    return TracedModel(
        module=module,
        feeds=_with_sample_names(feeds, len(told)),
        gate=partial(check_tags, tags=tag_set),
        manifest_fields={
            "labels": tag_set.labels,
            "max_length": max_length,
            "stride": min(STRIDE, max_length // 4),
            "settings": _settings(tags, about, config, states_layer),
        },
        whole=WHOLE,
    )


def _load_classifier(checkpoint: str, source: str) -> PreTrainedModel:
    """The network at `source`, ready to be traced; `checkpoint` is how the user named it."""
    with reading_checkpoint(checkpoint):
        model: PreTrainedModel = AutoModelForTokenClassification.from_pretrained(
            source, attn_implementation="eager"
        ).eval()
    return model


def _example_inputs(
    told_labels: int,
) -> tuple[dict[str, torch.Tensor], dict[str, dict[int, str]]]:
    """Inputs to trace a tagger with and their dynamic axes, names of so many labels among them."""
    example, axes = token_example("input_ids", "attention_mask")
    if told_labels:
        example[NAMES_INPUT] = torch.zeros((*TRACED_SHAPE, FEATURES_PER_LABEL * told_labels))
        axes[NAMES_INPUT] = {0: "batch", 1: "tokens"}
    return example, axes


def _settings(
    tags: Sequence[str], about: ModelDescription, config: PreTrainedConfig, states_layer: int | None
) -> dict[str, Any]:
    """What a tagger reads of its manifest; what is as usual is left out."""
    settings: dict[str, Any] = {"tags": list(tags)}
    if states_layer is not None:
        settings["states_layer"] = states_layer
    if told := list(getattr(config, "names_labels", ())):
        settings["names"] = told
    if guidelines := getattr(config, "guidelines", {}):
        settings["guidelines"] = dict(guidelines)
    if about.agreement:
        settings["agreement"] = about.agreement
    if about.short_forms:
        settings["short_forms"] = True
    return settings


def _with_sample_names(feeds: Sequence[Feed], labels: int) -> list[Feed]:
    """Feeds with features of names drawn at random, the same in every export: parity needs no
    knowledge base.
    """
    if not labels:
        return list(feeds)
    random = np.random.default_rng(0)
    with_names: list[Feed] = []
    for feed in feeds:
        rows, length = feed["input_ids"].shape
        names = np.zeros((rows, length, FEATURES_PER_LABEL * labels), dtype=np.float32)
        # Names of two tokens each: a first and a last one have features of their own.
        for row, place in np.argwhere(random.random((rows, length)) < _SAMPLE_NAMES).tolist():
            announce(names[row], place, place + 2, place % labels, 0.8)
        with_names.append({**feed, NAMES_INPUT: names})
    return with_names


def _check_tags(tags: Sequence[str], config: PreTrainedConfig, checkpoint: str) -> None:
    if len(tags) != config.num_labels:
        raise ModelError(
            f"{checkpoint} tells {config.num_labels} tags apart, and {len(tags)} names are given "
            f"({', '.join(tags)}); give one name a tag, in the order of its outputs."
        )


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

    def __init__(self, model: PreTrainedModel, states_layer: int | None) -> None:
        super().__init__()
        self.model = model
        self.states_layer = states_layer

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        names: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, ...]:
        answer = run_tagger(
            self.model,
            input_ids,
            attention_mask,
            names,
            output_hidden_states=self.states_layer is not None,
        )
        if self.states_layer is None:
            return (answer.logits,)
        return answer.logits, answer.hidden_states[self.states_layer]
