"""Document-level relation extraction with novelty: every allowed pair of concepts from one encoder pass."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import ConfigError
from biopipe.relations.evidence import evidence
from biopipe.relations.inputs import RelationInput, relation_inputs
from biopipe.relations.pairs import Concept, concepts, has_pair
from biopipe.runtime.calibration import calibrate
from biopipe.runtime.encoder import check_text
from biopipe.runtime.manifest import load_manifest
from biopipe.runtime.models import find_model
from biopipe.runtime.session import Session
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.text.sentences import sentence_spans
from biopipe.types import Document, Relation

__all__ = ["DEFAULT_EXTRACTOR", "RelationExtractor"]

DEFAULT_EXTRACTOR = "biopipe-relations-minilm"

# Probabilities of the labels (none first) and of novelty, by the numbers of the two concepts.
Scores = dict[tuple[int, int], tuple[NDArray[np.float32], NDArray[np.float32]]]


class RelationExtractor:
    """Relations between the concepts of each document; the scheme (labels, allowed pairs) is in the manifest.

    A pair is a relation where the probability that any label holds is at least `threshold` (default: the
    manifest's). A relation's score is that probability, calibrated; its label is the likeliest one.
    """

    def __init__(
        self,
        model: str | Path = DEFAULT_EXTRACTOR,
        *,
        device: str = "cpu",
        threads: int | None = None,
        threshold: float | None = None,
    ) -> None:
        self.model_path = find_model(model)
        self.manifest = load_manifest(self.model_path, task="relation")
        self.labels = self.manifest.labels
        settings = self.manifest.settings
        self.allowed = [(str(head), str(tail)) for head, tail in settings["pairs"]]
        self.entity_labels = [str(label) for label in settings["entity_labels"]]
        self.threshold = float(settings["threshold"]) if threshold is None else float(threshold)
        if not 0.0 <= self.threshold <= 1.0:
            raise ConfigError(f"The relation threshold must be between 0 and 1, got {self.threshold}.")
        self.device, self.threads = device, threads
        self._open()

    def _open(self) -> None:
        self.tokenizer = Tokenizer(self.model_path / "tokenizer.json")
        self.session = Session(self.model_path / "model.onnx", device=self.device, threads=self.threads)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in {"tokenizer", "session"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()

    @property
    def model_name(self) -> str:
        """Name in the manifest."""
        return self.manifest.name

    @property
    def model_hash(self) -> str:
        """sha256 over the model's files and settings."""
        return self.manifest.hash

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with the relations found in place of those they had, strongest first."""
        for document in documents:
            check_text(document.text)
        found = [concepts(document) for document in documents]
        inputs = [(i, unit) for i, each in enumerate(found) for unit in self._inputs(documents[i], each)]
        outputs = self.session.run([unit.feed() for _, unit in inputs])
        scored: list[Scores] = [{} for _ in documents]
        for (i, unit), (logits, novelty) in zip(inputs, outputs, strict=True):
            _keep_strongest(scored[i], unit, _softmax(logits), _softmax(novelty))
        return [
            replace(document, relations=tuple(self._relations(document, each, scores)))
            for document, each, scores in zip(documents, found, scored, strict=True)
        ]

    def _inputs(self, document: Document, found: Sequence[Concept]) -> Iterable[RelationInput]:
        if not has_pair(found, self.allowed):
            return []  # tokenising is only worth it where there is a pair to score
        return relation_inputs(
            document,
            self.tokenizer.encode([document.text])[0],
            found,
            self.tokenizer,
            labels=self.entity_labels,
            allowed=self.allowed,
            max_length=self.manifest.max_length,
            stride=self.manifest.stride,
        )

    def _relations(self, document: Document, found: Sequence[Concept], scores: Scores) -> list[Relation]:
        chosen = [(pair, p, v) for pair, (p, v) in scores.items() if 1.0 - float(p[0]) >= self.threshold]
        sentences = sentence_spans(document.text) if chosen else []
        relations = []
        for (head, tail), probabilities, novelty in chosen:
            novel = float(novelty[1]) if self.manifest.settings["novelty"] else None
            relations.append(
                Relation(
                    head=found[head].id,
                    tail=found[tail].id,
                    label=self.labels[int(probabilities[1:].argmax())],
                    score=calibrate(1.0 - float(probabilities[0]), self.manifest.calibration),
                    novel=None if novel is None else novel >= 0.5,
                    novel_score=novel,
                    evidence=evidence(document, found[head], found[tail], sentences),
                )
            )
        return sorted(relations, key=lambda r: (-r.score, r.head, r.tail))


def _keep_strongest(
    scores: Scores, unit: RelationInput, probabilities: NDArray[np.float32], novelty: NDArray[np.float32]
) -> None:
    """A pair seen in several groups of windows keeps the scores of the group that is surest of a relation."""
    for row, pair in enumerate(unit.concept_pairs()):
        if pair not in scores or probabilities[row, 0] < scores[pair][0][0]:
            scores[pair] = (probabilities[row], novelty[row])


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: NDArray[np.float32] = shifted / shifted.sum(axis=-1, keepdims=True)
    return result
