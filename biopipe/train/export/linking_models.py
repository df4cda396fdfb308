"""The linker's models as graphs: names to vectors, and pairs of a mention and a candidate to a
score.
"""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification

from biopipe.document import Document
from biopipe.errors import ModelError
from biopipe.linking.rerank import NO_CONCEPT, CrossEncoderInputs, mention_context
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.base import longest_input, resolve_base, save_tokenizer
from biopipe.train.common.checkpoint_folder import reading_checkpoint
from biopipe.train.export.linking_parity import check_scores, check_vectors
from biopipe.train.export.onnx_graph import trace
from biopipe.train.export.task import (
    Feed,
    ModelDescription,
    TracedModel,
    text_feeds,
    token_example,
)
from biopipe.train.linking.biencoder import load_biencoder
from biopipe.train.linking.mixture import UNFITTED
from biopipe.train.linking.reranker import RERANKER_SETTINGS

__all__ = ["trace_biencoder", "trace_reranker"]

CANDIDATES = 4  # of a sample mention, one of them "none"
MOST_MENTIONS = 100
POOLING = r"/[^/]+$"  # in fp16 its vectors would not have length 1


def trace_biencoder(
    checkpoint: str, folder: Path, about: ModelDescription, documents: Sequence[Document]
) -> TracedModel:
    """Write `folder`/fp32.onnx with the output `embedding`."""
    source = resolve_base(checkpoint)
    with reading_checkpoint(checkpoint):
        model = load_biencoder(source, pooling=about.pooling or None)
    config = model.encoder.config
    tokenizer = Tokenizer(save_tokenizer(source, folder))
    example, axes = token_example("input_ids", "attention_mask")
    axes["embedding"] = {0: "batch"}
    trace(model, example, ["embedding"], axes, folder / "fp32.onnx", config=config)
    names = sorted({d.text[m.start : m.end] for d in documents for m in d.mentions})
    max_length = longest_input(source, config)
    return TracedModel(
        module=model,
        feeds=text_feeds(names, tokenizer, max_length=max_length),
        gate=check_vectors,
        manifest_fields={
            "labels": (),
            "max_length": max_length,
            "stride": 0,
            "pooling": model.pooling,
            "settings": {"dimension": int(config.hidden_size)},
        },
        exact=POOLING,
    )


def trace_reranker(
    checkpoint: str, folder: Path, about: ModelDescription, documents: Sequence[Document]
) -> TracedModel:
    """Write `folder`/fp32.onnx with the output `score`.

    ModelError for a cross-encoder with several outputs.
    """
    source = resolve_base(checkpoint)
    with reading_checkpoint(checkpoint):
        model = AutoModelForSequenceClassification.from_pretrained(
            source, attn_implementation="eager"
        ).eval()
    # A classifier of pairs (yes, no) would need its own softmax; the linker ranks one score.
    if model.config.num_labels != 1:
        raise ModelError(
            f"The cross-encoder {checkpoint} has {model.config.num_labels} outputs; one with one "
            "is needed."
        )
    pairs = CrossEncoderInputs(Tokenizer(save_tokenizer(source, folder)))
    groups = list(_candidate_feeds(pairs, documents))
    example, axes = token_example("input_ids", "attention_mask", "token_type_ids")
    axes["score"] = {0: "batch"}
    module = _PairLogit(model)
    trace(module, example, ["score"], axes, folder / "fp32.onnx", config=model.config)
    mixture = Path(checkpoint) / RERANKER_SETTINGS
    return TracedModel(
        module=module,
        feeds=[feed for group in groups for feed in group],
        gate=partial(check_scores, groups=[len(group) for group in groups]),
        manifest_fields={
            "labels": (),
            "max_length": longest_input(source, model.config),
            "stride": 0,
            "settings": {},
            "calibration": json.loads(mixture.read_text(encoding="utf-8"))
            if mixture.is_file()
            else dict(UNFITTED),
        },
    )


def _candidate_feeds(
    pairs: CrossEncoderInputs, documents: Sequence[Document]
) -> Iterator[list[Feed]]:
    """For each mention its feeds against other mentions' names and against none of them."""
    names = sorted({d.text[m.start : m.end] for d in documents for m in d.mentions})
    mentions = [(document, mention) for document in documents for mention in document.mentions]
    for number, (document, mention) in enumerate(mentions[:MOST_MENTIONS]):
        text = document.text[mention.start : mention.end]
        # Neighbours in alphabetical order, which are alike at times, as a retriever's candidates
        # are.
        others = [names[(number + step) % len(names)] for step in range(CANDIDATES - 1)]
        yield list(
            pairs.feeds(
                text, mention_context(document, mention), [*dict.fromkeys(others), NO_CONCEPT]
            )
        )


class _PairLogit(torch.nn.Module):
    """Scores (pairs,)."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        logits: torch.Tensor = self.model(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).logits
        return logits[:, 0]
