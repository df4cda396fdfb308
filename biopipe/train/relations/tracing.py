"""A trained relation model as an ONNX graph, and what its manifest must say for it to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray

from biopipe.document import Document
from biopipe.errors import ModelError
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.base import save_tokenizer
from biopipe.train.export.onnx_graph import trace
from biopipe.train.relations.checkpoint import load_trained
from biopipe.train.relations.examples import document_examples
from biopipe.train.relations.facts import load_facts
from biopipe.train.relations.model import RelationModel
from biopipe.train.relations.scheme import Scheme, load_trained_scheme
from biopipe.train.relations.trees import OPERATORS
from biopipe.train.relations.trunk import load_trunk

__all__ = ["RelationGraph", "trace_relations"]

TOKENS = ("input_ids", "states", "attention_mask", "entity_types")
MENTIONS = ("mention_tokens", "mention_mask")


@dataclass(frozen=True, slots=True)
class RelationGraph:
    """What was traced, the settings of its manifest, and the sample's inputs."""

    scheme: Scheme
    model: RelationModel
    settings: Mapping[str, Any]
    feeds: Sequence[Mapping[str, NDArray[Any]]]


def trace_relations(checkpoint: Path, folder: Path, documents: Sequence[Document]) -> RelationGraph:
    """Write `folder`/fp32.onnx and the tokenizer; `documents` are what parity is measured on.

    ModelError where these hold no pair that the scheme allows.
    """
    scheme, thresholds = load_trained_scheme(checkpoint)
    model = load_trained(checkpoint, scheme)
    tokenizer = Tokenizer(save_tokenizer(str(checkpoint), folder))
    trunk = load_trunk(checkpoint)
    facts = load_facts(checkpoint, scheme)
    if scheme.rates:
        facts.rates.save(folder)
    bare = [_unanswered(document) for document in documents]
    feeds = [
        e.input.feed()
        for d in bare
        for e in document_examples(d, scheme, tokenizer, trunk=trunk, facts=facts)
    ]
    if not feeds:
        raise ModelError(
            "No sample document holds a pair of concepts the scheme allows; parity cannot be "
            "measured."
        )
    outputs = _outputs(scheme)
    axes: dict[str, dict[int, str]] = {name: {0: "windows", 1: "tokens"} for name in TOKENS}
    axes |= {name: {0: "concepts", 1: "mentions"} for name in MENTIONS}
    axes |= {name: {0: "pairs"} for name in ("pairs", "kinds", "features", *outputs)}
    example = {name: torch.from_numpy(value) for name, value in max(feeds, key=_size).items()}
    axes = {name: each for name, each in axes.items() if name in example or name in outputs}
    trace(
        model,
        example,
        outputs,
        axes,
        folder / "fp32.onnx",
        config=model.encoder.config,
        operators=OPERATORS,
    )
    reads = {} if trunk is None else {"trunk": dict(trunk.about)}
    return RelationGraph(scheme, model, {**_settings(scheme, thresholds), **reads}, feeds)


def _unanswered(document: Document) -> Document:
    """Without relations: those of another scheme than the model's have no place in its answers."""
    return Document(document.id, document.text, mentions=document.mentions)


def _size(feed: Mapping[str, NDArray[Any]]) -> int:
    return len(feed["pairs"])


def _outputs(scheme: Scheme) -> list[str]:
    names = []
    for name, task in zip(("", *scheme.also), scheme.tasks, strict=True):
        names += [
            f"relation {name}".strip(),
            *([f"novelty {name}".strip()] if task.novelty else []),
            *([f"subject {name}".strip()] if task.subject else []),
        ]
    return [name.replace(" ", "_") for name in names]


def _settings(scheme: Scheme, thresholds: Mapping[str, float]) -> dict[str, Any]:
    schemes = {
        name: {
            "labels": task.relation_labels,
            "pairs": task.pairs,
            "novelty": task.novelty,
            "subject": task.subject,
            "threshold": thresholds.get(name, 0.5),
            "calibration": {},
        }
        for name, task in scheme.also.items()
    }
    return {
        "entity_labels": scheme.entity_labels,
        "kinds": scheme.kinds,
        "pairs": scheme.pairs,
        "novelty": scheme.novelty,
        "subject": scheme.subject,
        "surroundings": scheme.surroundings,
        "hierarchy": scheme.hierarchy,
        "rates": scheme.rates,
        "threshold": thresholds[""],
        "schemes": schemes,
        "triggers": dict(scheme.triggers),
        "stated_by": dict(scheme.stated_by),
        "unlisted": dict(scheme.unlisted),
    }
