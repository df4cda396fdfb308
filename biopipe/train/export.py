"""Export trained checkpoints to model directories; a graph that differs too much from its checkpoint is refused."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from re import escape, finditer
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification

from biopipe.errors import ModelError, OutputError
from biopipe.io import pubtator
from biopipe.linking.rerank import NO_CONCEPT, Pairs, context_of
from biopipe.ner.labels import TagSet
from biopipe.runtime.encoder import Window, collate
from biopipe.runtime.manifest import Manifest, write_manifest
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.text.windows import token_windows
from biopipe.train.base import resolve_base, save_tokenizer
from biopipe.train.biencoder import SETTINGS as BIENCODER
from biopipe.train.biencoder import load_biencoder
from biopipe.train.graph import OPSET, made_with, quantise, run_graph, trace
from biopipe.train.relation_graph import trace_relations
from biopipe.train.reranker import SETTINGS as RERANKER
from biopipe.train.reranker import UNFITTED
from biopipe.types import Document, Mention

__all__ = ["About", "check_parity", "export_model", "parity_sample"]

MAX_LENGTH, STRIDE = 512, 64
SAMPLE_WORDS = (
    ("BRCA1", "interleukin-6", "p38 MAPK"),
    ("asthma", "type 2 diabetes mellitus", "Parkinson's disease"),
    ("metformin", "cisplatin", "valproic acid"),
)
Gate = Callable[..., dict[str, Any]]

# The smallest allowed mean cosine between a bi-encoder's vectors and its checkpoint's.
VECTOR_COSINE = {"fp32": 0.9999, "int8": 0.98}

# The largest allowed mean difference of a cross-encoder's scores, in standard deviations of its own.
SCORE_DIFFERENCE = {"fp32": 0.001, "int8": 0.25}

# The largest allowed difference of a logit (fp32) and share of tokens whose best tag changes (int8).
FP32_LOGIT, INT8_CHANGED = 1e-3, 0.02


@dataclass(frozen=True, slots=True)
class About:
    """What a manifest says of a model besides what the checkpoint holds."""

    name: str
    version: str = "0.1.0"
    licence: str = "Apache-2.0"
    base_model: str = ""
    pooling: str = ""


def parity_sample(path: Path | None) -> list[Document]:
    """The documents parity is measured on: at most 100 of a PubTator file, by default sentences of our own."""
    if path is not None:
        return list(islice(pubtator.read(path), 100))
    return [_sample(i, *words) for i, words in enumerate(product(*SAMPLE_WORDS))]


def _sample(number: int, gene: str, disease: str, drug: str) -> Document:
    text = f"{drug} in {disease}. We gave {drug} to 24 patients with {disease}; {gene} rose and {disease} receded."
    mentions = [
        Mention(match.start(), match.end(), label, concept_ids=(word,))
        for word, label in ((gene, "Gene"), (disease, "Disease"), (drug, "Chemical"))
        for match in finditer(escape(word), text)
    ]
    return Document(str(number), text, mentions=tuple(sorted(mentions, key=lambda m: m.start)))


def export_model(
    checkpoint: str,
    output: Path,
    *,
    about: About,
    precision: str,
    documents: Sequence[Document],
    task: str | None = None,
    states_layer: int | None = None,
) -> Manifest:
    """Write a checkpoint (local folder or hub id) as a model directory and return its manifest.

    `task` says what it is; by default what our trainers left beside it does, or else it is a token classifier of
    Hugging Face's. `precision` is fp32 or int8; `documents` are what parity with the checkpoint is measured on.
    With `states_layer` a tagger's graph has a second output `states` (batch, tokens, width), the hidden states
    after that encoder layer (1 is the first), for another model to read.
    """
    if precision not in {"fp32", "int8"}:
        raise ModelError(f"Unknown precision '{precision}'; give fp32 or int8.")
    task = task or next(
        (t for file, t in _LEFT_BY_TRAINERS.items() if (Path(checkpoint) / file).is_file()), ""
    )
    task = task or "token-classification"
    if task not in _EXPORTERS:
        raise ModelError(f"Cannot export a model for '{task}'; give one of: {', '.join(_EXPORTERS)}.")
    if states_layer is not None and task != "token-classification":
        raise ModelError(f"A graph for {task} gives no hidden states; leave the states layer out.")
    with publish(output) as folder:
        manifest = (
            _export_tagger(checkpoint, folder, about, precision, documents, states_layer=states_layer)
            if task == "token-classification"
            else _EXPORTERS[task](checkpoint, folder, about, precision, documents)
        )
        return write_manifest(folder, manifest, ["model.onnx", "tokenizer.json"])


def _export_tagger(
    checkpoint: str,
    folder: Path,
    about: About,
    precision: str,
    documents: Sequence[Document],
    *,
    states_layer: int | None = None,
) -> Manifest:
    source = resolve_base(checkpoint)
    model = AutoModelForTokenClassification.from_pretrained(source, attn_implementation="eager").eval()
    tags = [model.config.id2label[i] for i in range(model.config.num_labels)]
    tokenizer = Tokenizer(save_tokenizer(source, folder))
    layers = int(model.config.num_hidden_layers)
    if states_layer is not None and not 1 <= states_layer <= layers:
        raise ModelError(f"{checkpoint} has no encoder layer {states_layer}; give one of 1 to {layers}.")
    module = _TokenLogits(model, states_layer)
    outputs = ["logits"] if states_layer is None else ["logits", "states"]
    states = {} if states_layer is None else {"states_layer": states_layer}
    example = {"input_ids": torch.ones((2, 9), dtype=torch.long), "attention_mask": torch.ones((2, 9)).long()}
    axes = {name: {0: "batch", 1: "tokens"} for name in (*example, *outputs)}
    trace(module, example, outputs, axes, folder / "fp32.onnx", config=model.config)
    feeds = _feeds([document.text for document in documents], tokenizer, max_length=MAX_LENGTH)
    return Manifest(
        name=about.name,
        version=about.version,
        task="token-classification",
        labels=TagSet.from_tags(tags).labels,
        max_length=MAX_LENGTH,
        stride=STRIDE,
        opset=OPSET,
        base_model=about.base_model or checkpoint,
        licence=about.licence,
        settings={"tags": tags, "precision": precision, **states},
        training_data=_training_data(checkpoint),
        parity=settle(folder, precision, module, feeds, gate=check_tags),
        made_with=made_with(),
    )


def _export_relations(
    checkpoint: str, folder: Path, about: About, precision: str, documents: Sequence[Document]
) -> Manifest:
    graph = trace_relations(Path(checkpoint), folder, documents)
    return Manifest(
        name=about.name,
        version=about.version,
        task="relation",
        labels=graph.scheme.relation_labels,
        max_length=graph.scheme.max_length,
        stride=graph.scheme.stride,
        opset=OPSET,
        base_model=about.base_model or checkpoint,
        licence=about.licence,
        settings={**graph.settings, "precision": precision},
        training_data=_training_data(checkpoint),
        parity=settle(folder, precision, graph.model, graph.feeds),
        made_with=made_with(),
    )


def _export_biencoder(
    checkpoint: str, folder: Path, about: About, precision: str, documents: Sequence[Document]
) -> Manifest:
    source = resolve_base(checkpoint)
    model = load_biencoder(source, pooling=about.pooling or None)
    tokenizer = Tokenizer(save_tokenizer(source, folder))
    example = {"input_ids": torch.ones((2, 9), dtype=torch.long), "attention_mask": torch.ones((2, 9)).long()}
    axes: dict[str, dict[int, str]] = {name: {0: "batch", 1: "tokens"} for name in example}
    axes["embedding"] = {0: "batch"}
    trace(model, example, ["embedding"], axes, folder / "fp32.onnx", config=model.encoder.config)
    names = sorted({d.text[m.start : m.end] for d in documents for m in d.mentions})
    return Manifest(
        name=about.name,
        version=about.version,
        task="bi-encoder",
        labels=(),
        max_length=min(MAX_LENGTH, model.encoder.config.max_position_embeddings),
        stride=0,
        opset=OPSET,
        base_model=about.base_model or checkpoint,
        licence=about.licence,
        pooling=model.pooling,
        settings={"precision": precision, "dimension": model.encoder.config.hidden_size},
        training_data=_training_data(checkpoint),
        parity=settle(
            folder, precision, model, _feeds(names, tokenizer, max_length=MAX_LENGTH), gate=check_vectors
        ),
        made_with=made_with(),
    )


def _export_reranker(
    checkpoint: str, folder: Path, about: About, precision: str, documents: Sequence[Document]
) -> Manifest:
    source = resolve_base(checkpoint)
    model = AutoModelForSequenceClassification.from_pretrained(source, attn_implementation="eager").eval()
    if model.config.num_labels != 1:
        raise ModelError(
            f"The cross-encoder {checkpoint} has {model.config.num_labels} outputs; one with one is needed."
        )
    pairs = Pairs(Tokenizer(save_tokenizer(source, folder)))
    feeds = [
        feed
        for document in documents
        for mention in document.mentions
        for feed in pairs.feeds(
            document.text[mention.start : mention.end], context_of(document, mention), [NO_CONCEPT]
        )
    ]
    inputs = {
        name: torch.ones((2, 9), dtype=torch.long)
        for name in ("input_ids", "attention_mask", "token_type_ids")
    }
    inputs["token_type_ids"] = torch.zeros((2, 9), dtype=torch.long)
    axes: dict[str, dict[int, str]] = {name: {0: "batch", 1: "tokens"} for name in inputs}
    trace(
        _PairLogit(model),
        inputs,
        ["score"],
        {**axes, "score": {0: "batch"}},
        folder / "fp32.onnx",
        config=model.config,
    )
    mixture = Path(checkpoint) / RERANKER
    return Manifest(
        name=about.name,
        version=about.version,
        task="cross-encoder",
        labels=(),
        max_length=min(MAX_LENGTH, model.config.max_position_embeddings),
        stride=0,
        opset=OPSET,
        base_model=about.base_model or checkpoint,
        licence=about.licence,
        settings={"precision": precision},
        calibration=json.loads(mixture.read_text(encoding="utf-8")) if mixture.is_file() else dict(UNFITTED),
        training_data=_training_data(checkpoint),
        parity=settle(folder, precision, _PairLogit(model), feeds, gate=check_scores),
        made_with=made_with(),
    )


class _PairLogit(torch.nn.Module):
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


def _training_data(checkpoint: str) -> tuple[dict[str, str], ...]:
    """What our trainers say they read; a checkpoint from elsewhere says nothing."""
    path = Path(checkpoint) / "training.json"
    return tuple(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else ()


class _TokenLogits(torch.nn.Module):
    """Logits (batch, tokens, tags), and the hidden states after `states_layer` where one is asked for."""

    def __init__(self, model: torch.nn.Module, states_layer: int | None) -> None:
        super().__init__()
        self.model = model
        self.states_layer = states_layer

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        said = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            output_hidden_states=self.states_layer is not None,
        )
        return (
            (said.logits,)
            if self.states_layer is None
            else (said.logits, said.hidden_states[self.states_layer])
        )


def _feeds(
    texts: Sequence[str], tokenizer: Tokenizer, *, max_length: int
) -> list[dict[str, NDArray[np.int64]]]:
    tokens = tokenizer.encode(texts)
    feeds = []
    for index, each in enumerate(tokens):
        for start, end in token_windows(len(each.ids), max_length - 2, 0):
            if end > start:
                ids, mask = collate([Window(index, start, end, start, end)], tokens, tokenizer)
                feeds.append({"input_ids": ids, "attention_mask": mask})
    return feeds


def settle(
    folder: Path,
    precision: str,
    module: torch.nn.Module,
    feeds: Sequence[Mapping[str, NDArray[Any]]],
    *,
    gate: "Gate | None" = None,
) -> dict[str, Any]:
    """Turn `fp32.onnx` of `folder` into `model.onnx` of the wanted precision and return its parity, or refuse."""
    if precision == "int8":
        quantise(folder / "fp32.onnx", folder / "model.onnx")
        (folder / "fp32.onnx").unlink()
    else:
        os.replace(folder / "fp32.onnx", folder / "model.onnx")
    expected = [_torch_outputs(module, feed) for feed in feeds]
    return (gate or check_parity)(run_graph(folder / "model.onnx", feeds), expected, precision=precision)


def _torch_outputs(module: torch.nn.Module, feed: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
    with torch.inference_mode():
        outputs = module.eval()(**{name: torch.from_numpy(value) for name, value in feed.items()})
    return [output.numpy() for output in (outputs if isinstance(outputs, tuple) else (outputs,))]


def check_parity(
    outputs: Sequence[Sequence[NDArray[np.float32]]],
    expected: Sequence[Sequence[NDArray[np.float32]]],
    *,
    precision: str,
) -> dict[str, Any]:
    """Largest logit difference and share of changed decisions; ModelError where the gate of `precision` fails.

    A second output is a decision only where the first decides for something: nobody asks whether no relation is new.
    """
    samples = list(zip(outputs, expected, strict=True))
    largest = [
        max(float(np.abs(a - b).max(initial=0.0)) for a, b in zip(*each, strict=True)) for each in samples
    ]
    differing = [row for got, want in samples for row in _changed(got, want)]
    rows = len(differing)
    changed = sum(differing) / max(1, rows)
    worst = int(np.argmax(largest)) if largest else 0
    parity = {"max_logit_difference": max(largest, default=0.0), "changed_decisions": changed, "rows": rows}
    if precision == "fp32" and parity["max_logit_difference"] > FP32_LOGIT:
        raise ModelError(
            f"The fp32 graph differs from the checkpoint by {largest[worst]:.2g} on sample {worst} "
            f"(allowed {FP32_LOGIT}); the model was not written."
        )
    if changed > INT8_CHANGED:
        raise ModelError(
            f"The {precision} graph changes {changed:.2%} of decisions (allowed {INT8_CHANGED:.0%}), most on sample "
            f"{worst}; the model was not written, export it as fp32."
        )
    return parity


def check_tags(
    outputs: Sequence[Sequence[NDArray[np.float32]]],
    expected: Sequence[Sequence[NDArray[np.float32]]],
    *,
    precision: str,
) -> dict[str, Any]:
    """Parity of a tagger's logits, and where it gives hidden states their mean cosine with the checkpoint's."""
    parity = check_parity(
        [each[:1] for each in outputs], [each[:1] for each in expected], precision=precision
    )
    pairs = [(a[1], b[1]) for a, b in zip(outputs, expected, strict=True) if len(a) > 1]
    if not pairs:
        return parity
    got, want = (
        np.concatenate([each.reshape(-1, each.shape[-1]) for each in side])
        for side in zip(*pairs, strict=True)
    )
    cosine = (got * want).sum(-1) / (np.linalg.norm(got, axis=-1) * np.linalg.norm(want, axis=-1))
    if cosine.mean() < VECTOR_COSINE[precision]:
        raise ModelError(
            f"The {precision} graph's states have a mean cosine of {cosine.mean():.4f} with the checkpoint's "
            f"(at least {VECTOR_COSINE[precision]}); the model was not written, export it as fp32."
        )
    return {**parity, "states_mean_cosine": float(cosine.mean()), "states_min_cosine": float(cosine.min())}


def _changed(got: Sequence[NDArray[np.float32]], want: Sequence[NDArray[np.float32]]) -> Iterator[bool]:
    decided = want[0].argmax(-1) > 0
    for number, (a, b) in enumerate(zip(got, want, strict=True)):
        changed = a.argmax(-1) != b.argmax(-1)
        yield from (changed if number == 0 else changed[decided]).ravel().tolist()


def check_vectors(
    outputs: Sequence[Sequence[NDArray[np.float32]]],
    expected: Sequence[Sequence[NDArray[np.float32]]],
    *,
    precision: str,
) -> dict[str, Any]:
    """Smallest and mean cosine of unit vectors with the checkpoint's, and how many have another nearest neighbour.

    ModelError where the mean cosine falls below the gate of `precision`.
    """
    got, want = (np.concatenate([each[0] for each in side]) for side in (outputs, expected))
    cosine = (got * want).sum(axis=1)
    parity = {
        "mean_cosine": float(cosine.mean()),
        "min_cosine": float(cosine.min()),
        "changed_neighbours": float(np.mean(_nearest(got, want) != _nearest(want, want))),
        "rows": len(got),
    }
    if parity["mean_cosine"] < VECTOR_COSINE[precision]:
        raise ModelError(
            f"The {precision} graph's vectors have a mean cosine of {parity['mean_cosine']:.4f} with the checkpoint's "
            f"(at least {VECTOR_COSINE[precision]}), the worst is number {int(cosine.argmin())}; the model was not "
            "written, export it as fp32."
        )
    return parity


def check_scores(
    outputs: Sequence[Sequence[NDArray[np.float32]]],
    expected: Sequence[Sequence[NDArray[np.float32]]],
    *,
    precision: str,
) -> dict[str, Any]:
    """How far scores are from the checkpoint's; ModelError where they do not rise and fall together."""
    got, want = (np.concatenate([each[0] for each in side]) for side in (outputs, expected))
    spread = float(want.std()) or 1.0
    parity = {"max_logit_difference": float(np.abs(got - want).max()), "rows": len(got)}
    parity["mean_difference_in_spreads"] = float(np.abs(got - want).mean()) / spread
    if parity["mean_difference_in_spreads"] > SCORE_DIFFERENCE[precision]:
        raise ModelError(
            f"The {precision} graph's scores differ from the checkpoint's by "
            f"{parity['mean_difference_in_spreads']:.3f} of their spread on average (at most "
            f"{SCORE_DIFFERENCE[precision]}), most on sample {int(np.abs(got - want).argmax())}; the model was not "
            "written, export it as fp32."
        )
    return parity


def _nearest(queries: NDArray[np.float32], stored: NDArray[np.float32]) -> NDArray[np.int64]:
    """The nearest other row of `stored` to each query."""
    similarity = queries @ stored.T
    np.fill_diagonal(similarity, -2.0)
    nearest: NDArray[np.int64] = similarity.argmax(axis=1)
    return nearest


@contextmanager
def publish(output: Path) -> Iterator[Path]:
    """A temporary folder that becomes `output` when the block ends well; files there that are not the model stay."""
    output.parent.mkdir(parents=True, exist_ok=True)
    if output.exists() and not output.is_dir():
        raise OutputError(f"{output} is a file; give a folder for the model.")
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}-") as temporary:
        folder = Path(temporary)
        yield folder
        output.mkdir(exist_ok=True)
        for name in ("model.onnx", "tokenizer.json", "manifest.json"):
            shutil.move(folder / name, output / name)


_LEFT_BY_TRAINERS = {"scheme.json": "relation", BIENCODER: "bi-encoder", RERANKER: "cross-encoder"}
_EXPORTERS = {
    "token-classification": _export_tagger,
    "relation": _export_relations,
    "bi-encoder": _export_biencoder,
    "cross-encoder": _export_reranker,
}
