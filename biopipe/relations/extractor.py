"""Document-level relation extraction with novelty: every allowed pair of concepts from one encoder
pass.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document, Predictor, PredictorInfo, Relation, Resource
from biopipe.document.unicode import check_text
from biopipe.relations.evidence import evidence
from biopipe.relations.inputs import RelationInput, relation_inputs
from biopipe.relations.pairs import has_pair
from biopipe.relations.readout import readout, with_thresholds
from biopipe.runtime.calibration import calibrate
from biopipe.runtime.manifest import load_manifest
from biopipe.runtime.models import find_model, graph_file
from biopipe.runtime.session import Session
from biopipe.runtime.tokenizer import Tokenizer, Tokens
from biopipe.runtime.trunk import Trunk
from biopipe.text.concepts import concept_name, with_concepts
from biopipe.text.sentences import with_sentences

__all__ = ["DEFAULT_EXTRACTOR", "MOST_PAIRS", "RelationExtractor"]

DEFAULT_EXTRACTOR = "biopipe-relations-minilm"
MOST_PAIRS = 20_000  # of one document; about ten seconds on two cores
DOCUMENTS_AT_ONCE = 64  # bounds the inputs and outputs held at a time

# Probabilities of the labels (none first) and of novelty, by the numbers of the two concepts.
Scores = dict[tuple[int, int], tuple[NDArray[np.float32], NDArray[np.float32] | None]]


class RelationExtractor(Predictor):
    """Relations between the concepts of each document; labels and allowed pairs are in the model's
    manifest.

    A relation's score is the calibrated probability that any label holds; its label is the
    likeliest one. It counts where the score is at least the threshold of its label: the manifest's,
    `threshold` for all labels, or by label. A model may hold several schemes (`scheme_names` of its
    manifest); `scheme` chooses one.
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
            str(name): tuple(words)
            for name, words in self.manifest.settings.get("triggers", {}).items()
        }
        self.thresholds = with_thresholds(self.scheme.thresholds, threshold)
        self.most_pairs = most_pairs
        self.device, self.threads = device, threads
        self._open()

    def _open(self) -> None:
        about = self.manifest.settings.get("trunk")
        self.trunk = about and Trunk(
            self._trunk_path(about["model"]),
            sha256=about["sha256"],
            device=self.device,
            threads=self.threads,
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

    @property
    def info(self) -> PredictorInfo:
        """Needs mentions, and encoder states where the model has no encoder of its own."""
        return PredictorInfo(
            name=self.manifest.name,
            labels=self.labels,
            needs=frozenset({"mentions"}),
            gives=frozenset({"relations"}),
            reads_states=self.trunk.graph if self.trunk is not None else "",
        )

    def resources(self) -> tuple[Resource, ...]:
        """The model, and the one whose encoder states it reads."""
        model = self.manifest.resource("model", self.model_path)
        if self.trunk is None:
            return (model,)
        return model, self.trunk.manifest.resource("trunk", self.trunk.path)

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with the relations found in place of those they had, strongest first.

        Where a document has more pairs than `most_pairs`, the nearest are scored and its meta says
        how many were not.
        """
        for document in documents:
            check_text(document.text)
        result = []
        for start in range(0, len(documents), DOCUMENTS_AT_ONCE):
            result += self._predict(documents[start : start + DOCUMENTS_AT_ONCE])
        return result

    def _predict(self, documents: Sequence[Document]) -> list[Document]:
        documents = [with_sentences(with_concepts(document)) for document in documents]
        inputs = self._inputs(documents)
        outputs = self.session.run([unit.feed() for _, unit in inputs])
        scored: list[Scores] = [{} for _ in documents]
        left_out: list[set[tuple[int, int]]] = [set() for _ in documents]
        first = self.scheme.output
        for (i, unit), output in zip(inputs, outputs, strict=True):
            novelty = _softmax(output[first + 1]) if self.scheme.novelty else None
            _keep_strongest(scored[i], unit, _softmax(output[first]), novelty)
            left_out[i].update(unit.left_out)
        return [self._document(*each) for each in zip(documents, scored, left_out, strict=True)]

    def _inputs(self, documents: Sequence[Document]) -> list[tuple[int, RelationInput]]:
        """The passes of all documents, each with the number of its document."""
        # Reading a text is only worth it where there is a pair to score.
        with_pairs = [
            number
            for number, document in enumerate(documents)
            if has_pair(document.concepts or (), self.scheme.allowed)
        ]
        return [
            (number, unit)
            for number, encoded in zip(
                with_pairs, self._encoded([documents[n] for n in with_pairs]), strict=True
            )
            for unit in self._passes(documents[number], *encoded)
        ]

    def _encoded(
        self, documents: Sequence[Document]
    ) -> Sequence[tuple[Tokens, NDArray[np.float32] | None]]:
        """Tokens of each text, and its hidden states float32 (tokens, width) where there is a trunk."""
        if self.trunk is not None:
            return self.trunk.read(documents)
        texts = [document.text for document in documents]
        return [(tokens, None) for tokens in self.tokenizer.encode(texts)]

    def _passes(
        self,
        document: Document,
        tokens: Tokens,
        states: NDArray[np.float32] | None,
    ) -> Iterator[RelationInput]:
        return relation_inputs(
            document,
            tokens,
            document.concepts or (),
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
        self, document: Document, scores: Scores, left_out: set[tuple[int, int]]
    ) -> Document:
        missing = len(left_out - scores.keys())
        if missing:
            warnings.warn(
                f"Document '{document.id}' has more than {self.most_pairs} pairs of concepts; the "
                f"{missing} whose mentions are farthest apart were not scored.",
                stacklevel=2,
            )
        return replace(
            document,
            relations=tuple(self._relations(document, scores)),
            pairs_left_out=missing,
            shared={},
        )

    def _relations(self, document: Document, scores: Scores) -> list[Relation]:
        relations = []
        concepts = document.concepts or ()
        for (head, tail), (probabilities, novelty) in scores.items():
            label = self.labels[int(probabilities[1:].argmax())]
            score = calibrate(1.0 - float(probabilities[0]), self.scheme.calibration)
            if score < self.thresholds[label]:
                continue
            novel = None if novelty is None else self._novel_score(float(novelty[1]))
            relations.append(
                Relation(
                    head=concepts[head].id,
                    tail=concepts[tail].id,
                    label=label,
                    score=score,
                    novel=None if novel is None else novel >= 0.5,
                    novel_score=novel,
                    evidence=evidence(document, concepts[head], concepts[tail]),
                    head_label=concepts[head].label,
                    tail_label=concepts[tail].label,
                    head_name=concept_name(document, concepts[head]),
                    tail_name=concept_name(document, concepts[tail]),
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
    """A pair seen in several groups of windows keeps the scores of the group that is surest of a
    relation.
    """
    for row, pair in enumerate(unit.concept_pairs()):
        if pair not in scores or probabilities[row, 0] < scores[pair][0][0]:
            scores[pair] = (probabilities[row], None if novelty is None else novelty[row])


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: NDArray[np.float32] = shifted / shifted.sum(axis=-1, keepdims=True)
    return result
