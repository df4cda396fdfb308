"""Document-level relation extraction with novelty: every allowed pair of concepts from one encoder
pass.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document, Predictor, PredictorInfo, Relation, Resource
from biopipe.document.unicode import check_text
from biopipe.relations.evidence import EvidenceFinder
from biopipe.relations.inputs import RelationInput, relation_inputs
from biopipe.relations.pairs import has_pair
from biopipe.relations.readout import readout
from biopipe.relations.scores import ScoreTable, score_table
from biopipe.runtime.opened import open_model
from biopipe.runtime.thresholds import label_thresholds
from biopipe.runtime.tokenizer import Tokens
from biopipe.runtime.trunk import Trunk, shared_tokens
from biopipe.text.concepts import concept_name, with_concepts
from biopipe.text.sentences import with_sentences

__all__ = ["DEFAULT_EXTRACTOR", "MOST_PAIRS", "RelationExtractor"]

DEFAULT_EXTRACTOR = "biopipe-relations-minilm"
MOST_PAIRS = 20_000  # of one document; about ten seconds on two cores
DOCUMENTS_AT_ONCE = 64  # bounds the inputs and outputs held at a time

LIKELIER = 0.5  # a calibrated probability from which on a statement is likelier true than not


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
        self._opened = open_model(model, task="relation")
        self.model_path, self.manifest = self._opened
        self.scheme = readout(self.manifest, scheme)
        self.labels = self.scheme.labels
        self.entity_labels = [str(label) for label in self.manifest.settings["entity_labels"]]
        self.triggers = {
            str(name): tuple(words)
            for name, words in self.manifest.settings.get("triggers", {}).items()
        }
        self.thresholds = label_thresholds(
            threshold, self.scheme.thresholds, owner=self.manifest.name
        )
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
        self.tokenizer = self._opened.tokenizer()
        self.session = self._opened.session(device=self.device, threads=self.threads)

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

    def feeds(self, documents: Sequence[Document]) -> list[dict[str, NDArray[Any]]]:
        """What the graph is given for documents with mentions, one feed a pass; see
        `RelationInput.feed`.
        """
        documents = [with_concepts(document) for document in documents]
        return [unit.feed() for _, unit in self._inputs(documents)]

    def _predict(self, documents: Sequence[Document]) -> list[Document]:
        documents = [with_sentences(with_concepts(document)) for document in documents]
        units = self._inputs(documents)
        outputs = self.session.run([unit.feed() for _, unit in units])
        table = score_table(units, outputs, self.scheme)
        left_out = self._left_out(units, table, len(documents))
        table = table.above(self.thresholds, self.labels)
        edges = np.searchsorted(table.documents, np.arange(len(documents) + 1)).tolist()
        return [
            self._document(document, table.rows(np.arange(start, end)), missing)
            for document, (start, end), missing in zip(
                documents, pairwise(edges), left_out, strict=True
            )
        ]

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
        return [(tokens, None) for tokens in shared_tokens(documents, self.tokenizer)]

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

    def _left_out(
        self, units: Sequence[tuple[int, RelationInput]], table: ScoreTable, documents: int
    ) -> list[int]:
        """How many pairs of each document were not scored in any of its groups of windows."""
        left_out: list[set[tuple[int, int]]] = [set() for _ in range(documents)]
        for number, unit in units:
            left_out[number].update(unit.left_out)
        for number, pairs in enumerate(left_out):
            if pairs:
                rows = np.flatnonzero(table.documents == number)
                pairs -= set(
                    zip(table.heads[rows].tolist(), table.tails[rows].tolist(), strict=True)
                )
        return [len(pairs) for pairs in left_out]

    def _document(self, document: Document, table: ScoreTable, missing: int) -> Document:
        if missing:
            warnings.warn(
                f"Document '{document.id}' has more than {self.most_pairs} pairs of concepts; the "
                f"{missing} whose mentions are farthest apart were not scored.",
                stacklevel=2,
            )
        return replace(
            document,
            relations=tuple(self._relations(document, table)),
            pairs_left_out=missing,
            shared={},
        )

    def _relations(self, document: Document, table: ScoreTable) -> list[Relation]:
        """The relations of a document, strongest first; `table` holds its pairs above the
        thresholds.
        """
        concepts = document.concepts or ()
        finder = EvidenceFinder(document)
        names = {n: concept_name(document, concepts[n]) for n in {*table.heads, *table.tails}}
        scores = [column.tolist() for column in (table.heads, table.tails, table.labels)]
        novelty = [None] * len(table.heads) if table.novelty is None else table.novelty.tolist()
        relations = [
            Relation(
                head=concepts[head].id,
                tail=concepts[tail].id,
                label=self.labels[label],
                score=score,
                novel=None if novel is None else novel >= LIKELIER,
                novel_score=novel,
                evidence=finder.spans(concepts[head], concepts[tail]),
                head_label=concepts[head].label,
                tail_label=concepts[tail].label,
                head_name=names[head],
                tail_name=names[tail],
            )
            for head, tail, label, score, novel in zip(
                *scores, table.scores.tolist(), novelty, strict=True
            )
        ]
        return sorted(relations, key=lambda r: (-r.score, r.head, r.tail))
