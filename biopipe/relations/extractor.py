"""Document-level relation extraction with novelty: every allowed pair of concepts from one encoder pass."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.relations.evidence import evidence
from biopipe.relations.inputs import RelationInput, relation_inputs
from biopipe.relations.pairs import Concept, concepts, has_pair
from biopipe.relations.readout import readout, with_thresholds
from biopipe.runtime.calibration import calibrate
from biopipe.runtime.encoder import check_text
from biopipe.runtime.manifest import load_manifest
from biopipe.runtime.models import find_model, graph_file
from biopipe.runtime.session import Session
from biopipe.runtime.tokenizer import Tokenizer, Tokens
from biopipe.runtime.trunk import Trunk
from biopipe.text.sentences import sentence_spans
from biopipe.types import Document, Relation

__all__ = ["DEFAULT_EXTRACTOR", "LEFT_OUT", "MOST_PAIRS", "RelationExtractor"]

DEFAULT_EXTRACTOR = "biopipe-relations-minilm"
MOST_PAIRS = 20_000  # of one document; about ten seconds on two cores
LEFT_OUT = "relation_pairs_left_out"  # key of Document.meta
DOCUMENTS_AT_ONCE = 64  # bounds the inputs and outputs held at a time

# Probabilities of the labels (none first) and of novelty, by the numbers of the two concepts.
Scores = dict[tuple[int, int], tuple[NDArray[np.float32], NDArray[np.float32] | None]]


class RelationExtractor:
    """Relations between the concepts of each document; labels and allowed pairs are in the model's manifest.

    A relation's score is the calibrated probability that any label holds; its label is the likeliest one. It counts
    where the score is at least the threshold of its label: the manifest's, `threshold` for all labels, or by label.
    A model may hold several schemes (`scheme_names` of its manifest); `scheme` chooses one.
    """

    def __init__(
        self,
        model: str | Path = DEFAULT_EXTRACTOR,
        *,
        scheme: str | None = None,
        device: str = "cpu",
        threads: int | None = None,
        threshold: float | Mapping[str, float] | None = None,
        most_pairs: int = MOST_PAIRS,
    ) -> None:
        self.model_path = find_model(model)
        self.manifest = load_manifest(self.model_path, task="relation")
        self.scheme = readout(self.manifest, scheme)
        self.labels = self.scheme.labels
        self.entity_labels = [str(label) for label in self.manifest.settings["entity_labels"]]
        self.triggers = {
            str(name): tuple(words) for name, words in self.manifest.settings.get("triggers", {}).items()
        }
        self.thresholds = with_thresholds(self.scheme.thresholds, threshold)
        self.most_pairs = most_pairs
        self.device, self.threads = device, threads
        self._open()

    def _open(self) -> None:
        about = self.manifest.settings.get("trunk")
        self.trunk = about and Trunk(
            self._trunk_path(about["model"]), sha256=about["sha256"], device=self.device, threads=self.threads
        )
        self.tokenizer = Tokenizer(self.model_path / "tokenizer.json")
        graph = graph_file(self.model_path, self.manifest, device=self.device)
        self.session = Session(graph, device=self.device, threads=self.threads)

    def _trunk_path(self, name: str) -> str | Path:
        """The trunk beside this model where it is there, else by its name."""
        beside = self.model_path.parent / name
        return beside if beside.is_dir() else name

    def __getstate__(self) -> dict[str, Any]:
        opened = {"tokenizer", "session", "trunk"}
        return {key: value for key, value in self.__dict__.items() if key not in opened}

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
        """The documents with the relations found in place of those they had, strongest first.

        Where a document has more pairs than `most_pairs`, the nearest are scored and its meta says how many were not.
        """
        for document in documents:
            check_text(document.text)
        found = [concepts(document) for document in documents]
        result = []
        for start in range(0, len(documents), DOCUMENTS_AT_ONCE):
            part = slice(start, start + DOCUMENTS_AT_ONCE)
            result += self._predict(documents[part], found[part])
        return result

    def _predict(self, documents: Sequence[Document], found: Sequence[list[Concept]]) -> list[Document]:
        inputs = self._inputs(documents, found)
        outputs = self.session.run([unit.feed() for _, unit in inputs])
        scored: list[Scores] = [{} for _ in documents]
        left_out: list[set[tuple[int, int]]] = [set() for _ in documents]
        first = self.scheme.output
        for (i, unit), output in zip(inputs, outputs, strict=True):
            novelty = _softmax(output[first + 1]) if self.scheme.novelty else None
            _keep_strongest(scored[i], unit, _softmax(output[first]), novelty)
            left_out[i].update(unit.left_out)
        return [self._document(*each) for each in zip(documents, found, scored, left_out, strict=True)]

    def _inputs(
        self, documents: Sequence[Document], found: Sequence[list[Concept]]
    ) -> list[tuple[int, RelationInput]]:
        """The passes of all documents, each with the number of its document."""
        # Reading a text is only worth it where there is a pair to score.
        wanted = [i for i, each in enumerate(found) if has_pair(each, self.scheme.allowed)]
        texts = [documents[i].text for i in wanted]
        if self.trunk is not None:
            self.trunk.forget({document.text for document in documents}.difference(texts))
        read: Sequence[tuple[Tokens, NDArray[np.float32] | None]] = (
            [(tokens, None) for tokens in self.tokenizer.encode(texts)]
            if self.trunk is None
            else self.trunk.read(texts)
        )
        return [
            (i, unit)
            for i, (tokens, states) in zip(wanted, read, strict=True)
            for unit in self._passes(documents[i], found[i], tokens, states)
        ]

    def _passes(
        self,
        document: Document,
        found: Sequence[Concept],
        tokens: Tokens,
        states: NDArray[np.float32] | None,
    ) -> Iterator[RelationInput]:
        return relation_inputs(
            document,
            tokens,
            found,
            self.tokenizer,
            labels=self.entity_labels,
            allowed=self.scheme.allowed,
            triggers=self.triggers,
            max_length=self.manifest.max_length,
            stride=self.manifest.stride,
            most_pairs=self.most_pairs,
            states=states,
        )

    def _document(
        self, document: Document, found: Sequence[Concept], scores: Scores, left_out: set[tuple[int, int]]
    ) -> Document:
        meta = dict(document.meta)
        if missing := len(left_out - scores.keys()):
            meta[LEFT_OUT] = str(missing)
            warnings.warn(
                f"Document '{document.id}' has more than {self.most_pairs} pairs of concepts; the {missing} whose "
                "mentions are farthest apart were not scored.",
                stacklevel=2,
            )
        return replace(document, relations=tuple(self._relations(document, found, scores)), meta=meta)

    def _relations(self, document: Document, found: Sequence[Concept], scores: Scores) -> list[Relation]:
        relations = []
        sentences: list[tuple[int, int]] = []
        for (head, tail), (probabilities, novelty) in scores.items():
            label = self.labels[int(probabilities[1:].argmax())]
            score = calibrate(1.0 - float(probabilities[0]), self.scheme.calibration)
            if score < self.thresholds[label]:
                continue
            sentences = sentences or sentence_spans(document.text)
            novel = None if novelty is None else self._novel_score(float(novelty[1]))
            relations.append(
                Relation(
                    head=found[head].id,
                    tail=found[tail].id,
                    label=label,
                    score=score,
                    novel=None if novel is None else novel >= 0.5,
                    novel_score=novel,
                    evidence=evidence(document, found[head], found[tail], sentences),
                )
            )
        return sorted(relations, key=lambda r: (-r.score, r.head, r.tail))

    def _novel_score(self, probability: float) -> float:
        return calibrate(probability, self.scheme.calibration.get("novelty", {}))


def _keep_strongest(
    scores: Scores,
    unit: RelationInput,
    probabilities: NDArray[np.float32],
    novelty: NDArray[np.float32] | None,
) -> None:
    """A pair seen in several groups of windows keeps the scores of the group that is surest of a relation."""
    for row, pair in enumerate(unit.concept_pairs()):
        if pair not in scores or probabilities[row, 0] < scores[pair][0][0]:
            scores[pair] = (probabilities[row], None if novelty is None else novelty[row])


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: NDArray[np.float32] = shifted / shifted.sum(axis=-1, keepdims=True)
    return result
