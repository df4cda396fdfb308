"""Document-level relation extraction with novelty: every allowed pair of concepts from one encoder
pass.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document, Predictor, PredictorInfo, Resource
from biopipe.document.unicode import check_text
from biopipe.errors import ConfigError, ModelError
from biopipe.relations.broader_concepts import BroaderConcepts
from biopipe.relations.concept_facts import KnownFacts
from biopipe.relations.features import Further
from biopipe.relations.inputs import RelationInput, relation_inputs
from biopipe.relations.pairs import has_pair
from biopipe.relations.readout import readout
from biopipe.relations.related_rates import RATES_FILE, RelatedRates
from biopipe.relations.reported import (
    LIKELIER,
    reported_relations,
    stated,
    with_worded_labels,
)
from biopipe.relations.scores import ScoreTable, score_table
from biopipe.runtime.manifest import Manifest, verified_bytes
from biopipe.runtime.opened import open_model
from biopipe.runtime.thresholds import label_thresholds
from biopipe.runtime.tokenizer import Tokens
from biopipe.runtime.trunk import FeatureMaker, Trunk, shared_tokens
from biopipe.text.concepts import with_concepts
from biopipe.text.sentences import with_sentences

__all__ = ["DEFAULT_EXTRACTOR", "MOST_PAIRS", "RelationExtractor"]

DEFAULT_EXTRACTOR = "biopipe-relations-shared"
MOST_PAIRS = 20_000  # of one document; about ten seconds on two cores
DOCUMENTS_AT_ONCE = 64  # bounds the inputs and outputs held at a time

PRECISION = "precision"  # in place of a threshold: those of the manifest for precision


class RelationExtractor(Predictor):
    """Relations between the concepts of each document; labels and allowed pairs are in the model's
    manifest.

    A relation's score is the calibrated probability that any label holds; its label is the
    likeliest one. It counts where the score is at least the threshold of its label: `threshold` for
    all labels, or by label; or else, where that times the probability of the label is, the
    manifest's, or with `threshold` "precision" the manifest's for precision. (Those of a manifest
    without calibration are of the score.) What only lists name together is not related. With
    `nil_ends` false, both ends must have a concept id. A model may hold several schemes
    (`scheme_names` of its manifest); `scheme` chooses one. Where the model knows subjects, a
    relation has one if the probability that this end acts is at least `subject_threshold`.

    A model that is told which concepts are broader than others asks the default knowledge base, where
    its packages are installed.

    A model without an encoder of its own reads the states that the tagger left with a document;
    where there are none it runs the tagger's graph, which is told what `trunk_features` gives (see
    `biopipe.ner.name_features.told_names`).
    """

    def __init__(
        self,
        model: str | Path = DEFAULT_EXTRACTOR,
        *,
        scheme: str | None = None,
        device: str = "cpu",
        threads: int | None = None,
        threshold: float | Mapping[str, float] | str | None = None,
        most_pairs: int = MOST_PAIRS,
        subject_threshold: float = LIKELIER,
        nil_ends: bool = True,
        trunk_features: Callable[[Manifest], FeatureMaker | None] | None = None,
    ) -> None:
        self._opened = open_model(model, task="relation")
        self.model_path, self.manifest = self._opened
        self.scheme = readout(self.manifest, scheme)
        self.labels = self.scheme.labels
        self.has_subject = bool(self.manifest.settings.get("subject"))
        self.facts = self._known()
        self.further = self._told()
        self.entity_labels = [str(label) for label in self.manifest.settings["entity_labels"]]
        self.triggers = {
            str(name): tuple(words)
            for name, words in self.manifest.settings.get("triggers", {}).items()
        }
        self.thresholds = label_thresholds(
            self._precise(threshold) if isinstance(threshold, str) else threshold,
            self.scheme.thresholds,
            owner=self.manifest.name,
        )
        self.typed = self._typed(threshold)
        self.nil_ends = nil_ends
        self.most_pairs = most_pairs
        self.subject_threshold = subject_threshold
        self.device, self.threads = device, threads
        self.trunk_features = trunk_features
        self._open()

    def _known(self) -> KnownFacts:
        settings = self.manifest.settings
        content = settings.get("rates") and verified_bytes(
            self.model_path, self.manifest, RATES_FILE
        )
        return KnownFacts(
            BroaderConcepts(optional=True) if settings.get("hierarchy") else None,
            RelatedRates.parse(content) if content else RelatedRates([]),
        )

    def _told(self) -> Further:
        settings = self.manifest.settings
        return Further(
            order=self.has_subject,
            surroundings=bool(settings.get("surroundings")),
            hierarchy=bool(settings.get("hierarchy")),
            rates=len(self.facts.rates.schemes),
        )

    def _open(self) -> None:
        about = self.manifest.settings.get("trunk")
        self.trunk = about and Trunk(
            self._trunk_path(about["model"]),
            sha256=about["sha256"],
            features=self.trunk_features,
            device=self.device,
            threads=self.threads,
        )
        self.tokenizer = self._opened.tokenizer()
        self.session = self._opened.session(device=self.device, threads=self.threads)

    def _typed(self, threshold: float | Mapping[str, float] | str | None) -> frozenset[str]:
        """The labels whose threshold is of the score with the label: those for precision, and the
        model's own where it says so; a number of the caller's is of the score that is reported.
        """
        if isinstance(threshold, str):
            return frozenset(self.labels)
        if not self.scheme.typed or isinstance(threshold, int | float):
            return frozenset()
        return frozenset(self.labels) - frozenset(threshold or ())

    def _precise(self, wanted: str) -> Mapping[str, float]:
        """The thresholds for precision; ConfigError for another word, or where there are none."""
        if wanted != PRECISION:
            raise ConfigError(
                f"The threshold of {self.manifest.name} is '{wanted}'; give a number, or "
                f"'{PRECISION}'."
            )
        if not self.scheme.precise:
            raise ConfigError(
                f"The model {self.manifest.name} has no thresholds for precision; give a number."
            )
        return self.scheme.precise

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

        Shapes are those of `RelationInput`.
        """
        documents = [with_concepts(document) for document in documents]
        return [unit.feed() for _, unit in self._inputs(documents)]

    def scored(self, documents: Sequence[Document]) -> Iterator[tuple[list[Document], ScoreTable]]:
        """All pairs of the documents with their scores, some documents at a time; the documents have
        the concepts that the table numbers.
        """
        for start in range(0, len(documents), DOCUMENTS_AT_ONCE):
            read, _, table = self._score(documents[start : start + DOCUMENTS_AT_ONCE])
            yield read, table

    def _score(
        self, documents: Sequence[Document]
    ) -> tuple[list[Document], list[tuple[int, RelationInput]], ScoreTable]:
        read = [with_sentences(with_concepts(document)) for document in documents]
        units = self._inputs(read)
        self._check_features(units)
        outputs = self.session.run([unit.feed() for _, unit in units])
        return read, units, score_table(units, outputs, self.scheme)

    def _predict(self, documents: Sequence[Document]) -> list[Document]:
        documents, units, table = self._score(documents)
        left_out = self._left_out(units, table, len(documents))
        # Pairs below every threshold are nine in ten, and are not looked at.
        table = table.rows(table.scores >= min(self.thresholds.values()))
        table = with_worded_labels(documents, table, self.labels, self.scheme.stated_by)
        table = table.above(self.thresholds, self.labels, self.typed)
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
            further=self.further,
            facts=self.facts,
        )

    def _check_features(self, units: Sequence[tuple[int, RelationInput]]) -> None:
        """ModelError where the model was trained on other numbers of a pair than are made now."""
        wanted = self.session.last_dimensions.get("features")
        told = next((unit.features.shape[1] for _, unit in units), wanted)
        if wanted is not None and told != wanted:
            raise ModelError(
                f"The relation model {self.manifest.name} is told {wanted} numbers of a pair, and "
                f"this version of biopipe tells {told}; train it again, or use the version it was "
                "trained with."
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
            relations=tuple(
                reported_relations(
                    document,
                    stated(
                        document,
                        table,
                        self.labels,
                        self.scheme.unlisted,
                        nil_ends=self.nil_ends,
                    ),
                    self.labels,
                    subject_threshold=self.subject_threshold,
                )
            ),
            pairs_left_out=missing,
            shared={},
        )
