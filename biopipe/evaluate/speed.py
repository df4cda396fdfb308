"""Tokens per second of a model's graphs, fed what its predictor feeds them."""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document
from biopipe.errors import ModelError
from biopipe.io import read
from biopipe.linking.rerank import MOST_RERANKED, NO_CONCEPT, CrossEncoderInputs, mention_context
from biopipe.ner.tagger import Tagger
from biopipe.relations.extractor import RelationExtractor
from biopipe.runtime.manifest import Manifest, load_manifest
from biopipe.runtime.session import Session
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.text.typography import as_typed

__all__ = ["Timed", "graph_speeds", "model_feeds", "sample_documents", "variant_files"]

Feeds = Mapping[str, NDArray[Any]]

NAMES_AT_ONCE = 32
SAMPLE = Path(__file__).resolve().parent.parent / "sample" / "abstracts.jsonl"


@dataclass(frozen=True, slots=True)
class Timed:
    """A graph, what it is fed, and the seconds each round took."""

    path: Path
    feeds: Sequence[Feeds]
    seconds: tuple[float, ...] = ()

    @property
    def tokens(self) -> int:
        """Tokens of a round, without padding."""
        return sum(int(feed["attention_mask"].sum()) for feed in self.feeds)

    @property
    def tokens_per_second(self) -> float:
        """Of the round in the middle."""
        return self.tokens / statistics.median(self.seconds)

    def times_as_fast(self, other: "Timed") -> float:
        """The middle of the rounds' ratios to `other`, which ran in turn with this one."""
        own, others = self.tokens, other.tokens
        pairs = zip(self.seconds, other.seconds, strict=True)
        # The ratio of each round, as both ran within the same seconds of a busy machine.
        return statistics.median((own / mine) / (others / theirs) for mine, theirs in pairs)


def variant_files(
    directory: Path, manifest: Manifest, wanted: Sequence[str] = ()
) -> dict[str, Path]:
    """The graphs of a model directory by precision: those `wanted`, or all; ModelError names one
    that is not there.
    """
    files = {
        precision: directory / str(about["file"]) for precision, about in manifest.variants.items()
    }
    files = files or {str(manifest.settings.get("precision", "model")): directory / "model.onnx"}
    if missing := [name for name in wanted if name not in files]:
        raise ModelError(
            f"The model {directory} has no variant '{missing[0]}', it has: {', '.join(files)}; "
            f"export it again with --also {missing[0]}."
        )
    return {name: files[name] for name in wanted or files}


def sample_documents(count: int) -> list[Document]:
    """The abstracts that come with biopipe, with the mentions of the default tagger and their texts
    as ids.
    """
    documents = list(islice(read(SAMPLE), count))
    return [
        replace(
            d,
            mentions=tuple(
                replace(m, concept_ids=(d.text[m.start : m.end].lower(),)) for m in d.mentions
            ),
        )
        for d in Tagger().predict(documents)
    ]


def model_feeds(
    directory: Path, documents: Sequence[Document], *, device: str = "cpu"
) -> list[Feeds]:
    """What the graph of a model directory is given for `documents`; relations and names need their
    mentions.

    ModelError for a task that is more than its graph.
    """
    manifest = load_manifest(directory)
    if manifest.task == "token-classification":
        return _tagger_feeds(directory, documents, device)
    if manifest.task == "relation":
        return _relation_feeds(directory, documents, device)
    if manifest.task == "bi-encoder":
        return _name_feeds(directory, documents)
    if manifest.task == "cross-encoder":
        return _pair_feeds(directory, documents)
    raise ModelError(
        f"The model {directory} does {manifest.task}, which cannot be timed by its graph alone."
    )


def _tagger_feeds(directory: Path, documents: Sequence[Document], device: str) -> list[Feeds]:
    encoder = Tagger(directory, device=device).encoder
    tokens = encoder.tokenize([as_typed(document.text) for document in documents])
    return list(encoder.feeds(tokens, encoder.windows(tokens)))


def _relation_feeds(directory: Path, documents: Sequence[Document], device: str) -> list[Feeds]:
    return list(RelationExtractor(directory, device=device).feeds(documents))


def _names(documents: Sequence[Document]) -> list[str]:
    return sorted({d.text[m.start : m.end] for d in documents for m in d.mentions})


def _name_feeds(directory: Path, documents: Sequence[Document]) -> list[Feeds]:
    """Names of one length together, as the bi-encoder takes them."""
    tokenizer = Tokenizer(directory / "tokenizer.json")
    by_length: dict[int, list[list[int]]] = {}
    for tokens in tokenizer.encode(_names(documents)):
        row = [*tokenizer.prefix, *tokens.ids.tolist(), *tokenizer.suffix]
        by_length.setdefault(len(row), []).append(row)
    arrays = [
        np.array(rows[start : start + NAMES_AT_ONCE], dtype=np.int64)
        for rows in by_length.values()
        for start in range(0, len(rows), NAMES_AT_ONCE)
    ]
    return [{"input_ids": ids, "attention_mask": np.ones_like(ids)} for ids in arrays]


def _pair_feeds(directory: Path, documents: Sequence[Document]) -> list[Feeds]:
    """Each mention against others' names and against none, as many as are reranked."""
    pairs = CrossEncoderInputs(Tokenizer(directory / "tokenizer.json"))
    names = _names(documents)
    return [
        feed
        for document in documents
        for mention in document.mentions
        for feed in pairs.feeds(
            document.text[mention.start : mention.end],
            mention_context(document, mention),
            [*names[:MOST_RERANKED], NO_CONCEPT],
        )
    ]


def graph_speeds(
    graphs: Mapping[str, Timed], *, device: str = "cpu", threads: int | None = None, rounds: int = 5
) -> dict[str, Timed]:
    """The graphs with their seconds, run in turn `rounds` times after a round that warms up."""
    sessions = {
        name: Session(graph.path, device=device, threads=threads) for name, graph in graphs.items()
    }
    seconds: dict[str, list[float]] = {name: [] for name in graphs}
    for number in range(rounds + 1):
        for name, graph in graphs.items():
            started = time.perf_counter()
            sessions[name].run(graph.feeds)
            # The first round warms up: kernels are chosen and memory is laid out in it.
            if number:
                seconds[name].append(time.perf_counter() - started)
    return {name: replace(graph, seconds=tuple(seconds[name])) for name, graph in graphs.items()}
