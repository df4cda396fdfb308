"""A checkpoint of the gliner package as a graph; of a bi-encoder's labels a second one."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from biopipe.document import Document
from biopipe.errors import ModelError
from biopipe.extras import require
from biopipe.ner.gliner_inputs import Layout, Prompt, gliner_feed, label_prompts
from biopipe.ner.gliner_labels import GRAPH, TOKENIZER, label_feeds
from biopipe.ner.gliner_words import fitted, overlap_of, read_words, word_windows
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.base import longest_input
from biopipe.train.export.gliner_parity import check_label_vectors, check_spans
from biopipe.train.export.onnx_graph import trace
from biopipe.train.export.task import (
    Feed,
    ModelDescription,
    TracedModel,
    token_example,
    torch_outputs,
)
from biopipe.train.gliner.span_scores import (
    LabelVectors,
    PackageScores,
    SpanScores,
    check_supported,
    layout_of_config,
)
from biopipe.train.gliner.trainer import LABELS

__all__ = ["CONFIG", "trace_gliner"]

CONFIG = "gliner_config.json"
SAMPLE_LABELS = ("gene or protein", "disease or symptom", "drug or chemical")
LONGEST = 1024  # tokens of a window, for encoders whose positions are relative and know no end
EXACT = r"/[^/]+$"  # the sums over a span's words and labels' vectors


def trace_gliner(
    checkpoint: str, folder: Path, about: ModelDescription, documents: Sequence[Document]
) -> TracedModel:
    """Write `folder`/fp32.onnx with the output `logits`, and of a bi-encoder its label encoder's
    graph.
    """
    gliner = _load(checkpoint)
    encoder = gliner.model.token_rep_layer.bert_layer.model
    tokenizer = _save_tokenizer(
        gliner.data_processor.transformer_tokenizer, folder / "tokenizer.json"
    )
    longest = LONGEST if not getattr(encoder.config, "position_biased_input", True) else None
    longest = longest or longest_input(checkpoint, encoder.config)
    layout = layout_of_config(gliner.config)
    if getattr(gliner.config, "labels_encoder", None) is None:
        beside = {}
        prompt = label_prompts(SAMPLE_LABELS, tokenizer, layout, most=longest // 2)[0]
    else:
        beside = {GRAPH: _trace_labels(gliner, folder)}
        prompt = _beside_vectors(beside[GRAPH])
    trace(SpanScores(gliner.model), *_example(prompt), folder / "fp32.onnx", config=encoder.config)
    names = _names(checkpoint)
    longest_label = (
        {"label_max_length": beside[GRAPH].manifest_fields["max_length"]} if beside else {}
    )
    return TracedModel(
        module=PackageScores(gliner.model),
        feeds=_feeds(documents, prompt, tokenizer, layout, longest),
        gate=check_spans,
        manifest_fields={
            "labels": tuple(names),
            "max_length": longest,
            "stride": overlap_of(layout.max_width),
            "pooling": layout.pooling,
            "settings": {**_layout_settings(layout), "prompts": names, **longest_label},
        },
        exact=EXACT,
        further_graphs=beside,
        files=("tokenizer.json", *([TOKENIZER] if beside else [])),
    )


def _load(checkpoint: str) -> Any:
    require("gliner", "gliner")
    from gliner import GLiNER

    if not (Path(checkpoint) / CONFIG).is_file():
        raise ModelError(
            f"There is no {CONFIG} in {checkpoint}; give a folder with a GLiNER checkpoint."
        )
    try:
        gliner = GLiNER.from_pretrained(checkpoint).eval()
    except OSError as error:  # the hub's errors are of this kind
        raise ModelError(
            f"Cannot read {checkpoint} ({' '.join(str(error).split())[:200]}); the encoder's "
            f"configuration and tokenizer must be where 'model_name' of its {CONFIG} says, a "
            "folder or a hub id."
        ) from error
    check_supported(gliner.config, checkpoint)
    parts = gliner.model.token_rep_layer
    # Attention as single operators, which is what `fuse` knows.
    for part in ("bert_layer", "labels_encoder"):
        if hasattr(parts, part):
            getattr(parts, part).model.set_attn_implementation("eager")
    return gliner


def _names(checkpoint: str) -> dict[str, str]:
    """The labels that our trainer left beside the checkpoint, with their words; others know no
    labels.
    """
    path = Path(checkpoint) / LABELS
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def _layout_settings(layout: Layout) -> dict[str, Any]:
    return {key: value for key, value in asdict(layout).items() if key != "pooling"}


def _save_tokenizer(tokenizer: Any, path: Path) -> Tokenizer:
    if not tokenizer.is_fast:
        raise ModelError(
            "The checkpoint has no fast tokenizer; save it with a tokenizer.json first."
        )
    tokenizer.backend_tokenizer.save(str(path))
    return Tokenizer(path)


def _trace_labels(gliner: Any, folder: Path) -> TracedModel:
    """The label encoder as `folder`/labels.fp32.onnx."""
    source = gliner.data_processor.labels_tokenizer
    tokenizer = _save_tokenizer(source, folder / TOKENIZER)
    config = gliner.model.token_rep_layer.labels_encoder.model.config
    longest = min(int(config.max_position_embeddings), int(source.model_max_length))
    module = LabelVectors(gliner.model)
    example, axes = token_example("input_ids", "attention_mask")
    axes["vectors"] = {0: "batch"}
    trace(
        module, example, ["vectors"], axes, folder / f"{Path(GRAPH).stem}.fp32.onnx", config=config
    )
    return TracedModel(
        module=module,
        feeds=label_feeds(SAMPLE_LABELS, tokenizer, most=longest),
        gate=check_label_vectors,
        manifest_fields={"max_length": longest},
    )


def _beside_vectors(labels: TracedModel) -> Prompt:
    """The sample labels' vectors as the checkpoint makes them."""
    vectors = np.concatenate([torch_outputs(labels.module, feed)[0] for feed in labels.feeds])
    return Prompt(range(len(vectors)), np.zeros(0, dtype=np.int64), vectors)


def _feeds(
    documents: Sequence[Document],
    prompt: Prompt,
    tokenizer: Tokenizer,
    layout: Layout,
    longest: int,
) -> list[Feed]:
    """One feed a window, as the runtime cuts them."""
    room = longest - len(tokenizer.prefix) - len(tokenizer.suffix) - len(prompt.ids)
    size = {"room": room, "width": layout.max_width}
    words = [
        fitted(document_words, **size)
        for document_words in read_words([d.text for d in documents], tokenizer)
    ]
    return [
        gliner_feed([window], words, prompt, tokenizer, layout.pooling)
        for text, document_words in enumerate(words)
        for window in word_windows(text, document_words, most_words=layout.max_words, **size)
    ]


def _example(
    prompt: Prompt,
) -> tuple[dict[str, torch.Tensor], list[str], dict[str, dict[int, str]]]:
    """Inputs to trace with, the graph's output, and the dynamic axes of both."""
    example, axes = token_example("input_ids", "attention_mask")
    labels = torch.from_numpy(prompt.labels[:2])
    # Places of labels have to lie within the nine tokens of the example.
    labels = labels.clamp(max=4) if labels.dtype == torch.int64 else labels
    example["words"] = torch.tensor([[5, 6, 7, -1], [5, 6, 7, 8]])
    example["text_lengths"] = torch.tensor([[3], [4]])
    example["labels"] = torch.stack([labels, labels])
    axes["words"] = {0: "batch", 1: "words"}
    axes["text_lengths"] = {0: "batch"}
    axes["labels"] = {0: "batch", 1: "labels"}
    axes["logits"] = {0: "batch", 1: "words", 3: "labels"}
    return example, ["logits"], axes
