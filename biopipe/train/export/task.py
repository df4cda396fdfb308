"""What each task's exporter gives: a traced graph beside its torch module, and what the manifest
says of it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from biopipe.runtime.encoder import Window, collate
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.text.windows import token_windows
from biopipe.train.common.corpora import TRAINING_DATA

__all__ = [
    "TRACED_SHAPE",
    "Feed",
    "Gate",
    "ModelDescription",
    "TracedModel",
    "text_feeds",
    "token_example",
    "torch_outputs",
    "training_data",
]

Feed = Mapping[str, NDArray[Any]]
Gate = Callable[..., dict[str, Any]]

TRACED_SHAPE = (2, 9)
"""Windows and tokens of the example that a graph is traced with; both are dynamic axes of it."""


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """What a manifest says of a model besides what the checkpoint holds; what follows `pooling` is
    for a tagger.

    `tags` names its outputs in their order, where the checkpoint does not, and `labels` gives
    labels other names.
    """

    name: str
    version: str = "0.1.0"
    licence: str = "Apache-2.0"
    base_model: str = ""
    pooling: str = ""
    agreement: float = 0.0
    short_forms: bool = False
    tags: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TracedModel:
    """A graph written as fp32.onnx, the module it came from, and the sample both are compared on.

    `manifest_fields` are those of the manifest that only this task knows; `exact` matches the names of
    nodes that an fp16 graph keeps in fp32 (a module's own nodes are /NAME, those of its parts
    /PART/NAME), and `whole` the products that an int8 graph keeps so. `further_graphs` are others
    of the model by file name, X.onnx written as X.fp32.onnx; `files` are what else belongs to it.
    """

    module: torch.nn.Module
    feeds: Sequence[Feed]
    gate: Gate
    manifest_fields: Mapping[str, Any]
    exact: str = ""
    whole: str = ""
    further_graphs: "Mapping[str, TracedModel]" = field(default_factory=dict)
    files: Sequence[str] = ("tokenizer.json",)


def token_example(*names: str) -> tuple[dict[str, torch.Tensor], dict[str, dict[int, str]]]:
    """Inputs to trace an encoder with, (2, 9) each, and their dynamic axes; ones but for
    `token_type_ids`.
    """
    example = {name: torch.full(TRACED_SHAPE, int(name != "token_type_ids")) for name in names}
    return example, {name: {0: "batch", 1: "tokens"} for name in names}


def text_feeds(texts: Sequence[str], tokenizer: Tokenizer, *, max_length: int) -> list[Feed]:
    """One feed a window of each text, as the runtime cuts them, without overlap."""
    tokens = tokenizer.encode(texts)
    room = max_length - len(tokenizer.prefix) - len(tokenizer.suffix)
    feeds: list[Feed] = []
    for index, text_tokens in enumerate(tokens):
        for start, end in token_windows(len(text_tokens.ids), room, 0):
            if end > start:
                ids, mask = collate([Window(index, start, end, start, end)], tokens, tokenizer)
                feeds.append({"input_ids": ids, "attention_mask": mask})
    return feeds


def training_data(checkpoint: str) -> tuple[dict[str, str], ...]:
    """What our trainers say they read; a checkpoint from elsewhere says nothing."""
    path = Path(checkpoint) / TRAINING_DATA
    return tuple(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else ()


def torch_outputs(module: torch.nn.Module, feed: Feed) -> list[NDArray[np.float32]]:
    """What the module answers to a graph's inputs, which stand in the order of its arguments.

    One array an output, of the shape that the graph gives.
    """
    with torch.inference_mode():
        outputs = module.eval()(*(torch.from_numpy(value) for value in feed.values()))
    return [output.numpy() for output in (outputs if isinstance(outputs, tuple) else (outputs,))]
