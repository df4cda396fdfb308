"""Named entity recognition by a BERT-family token classifier on ONNX Runtime."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document, Mention, Predictor, PredictorInfo, Resource
from biopipe.document.labels import GENE, VARIANT
from biopipe.errors import ConfigError
from biopipe.kinds.variant.edges import split_variants
from biopipe.kinds.variant.patterns import named_by_form
from biopipe.ner.agreement import agree
from biopipe.ner.decode import Span, decode, word_scores
from biopipe.ner.edges import tidied
from biopipe.ner.labels import TagSet
from biopipe.ner.merge import merge_same_spans
from biopipe.ner.short_forms import labelled_alike
from biopipe.runtime.calibration import calibrate
from biopipe.runtime.encoder import TokenEncoder, Window
from biopipe.runtime.manifest import Manifest, load_manifest
from biopipe.runtime.models import find_model
from biopipe.runtime.tokenizer import Tokens
from biopipe.runtime.trunk import EncodedText, graph_sha256
from biopipe.text.abbreviations import with_abbreviations
from biopipe.text.typography import as_typed

__all__ = ["DEFAULT_TAGGER", "Tagger"]

DEFAULT_TAGGER = "biopipe-ner-minilm"


class Tagger(Predictor):
    """Finds mentions in documents of any length: long texts are read in overlapping windows, never
    cut.

    A mention's score is the geometric mean of its words' tag probabilities, calibrated as the
    manifest says; mentions below `threshold` (one number, or one per label) are left out: by
    default those the manifest names, with 0 none. `agreement` in [0, 1] is how much the other
    occurrences of a word in its document count (see `biopipe.ner.agreement`); by default what the
    manifest says. `short_forms` has every short form that the document defines labelled as its long
    form is (see `biopipe.ner.short_forms`); by default what the manifest says. `guideline` has
    mentions marked as the annotators of one of the corpora did that the model learned from.
    """

    def __init__(
        self,
        model: str | Path = DEFAULT_TAGGER,
        *,
        device: str = "cpu",
        threads: int | None = None,
        threshold: float | Mapping[str, float] | None = None,
        agreement: float | None = None,
        short_forms: bool | None = None,
        guideline: str = "",
    ) -> None:
        self.model_path = find_model(model)
        self.manifest = load_manifest(self.model_path, task="token-classification")
        self.labels = self.manifest.labels
        self.tags = TagSet.from_tags(self.manifest.settings["tags"])
        self.thresholds = _thresholds(threshold, self.manifest, self.model_path)
        self.agreement = _agreement(agreement, self.manifest)
        said = self.manifest.settings.get("short_forms", False)
        self.short_forms = bool(said if short_forms is None else short_forms)
        self.guideline = guideline
        self.shares_states = False
        self.encoder = TokenEncoder(
            self.model_path,
            self.manifest,
            device=device,
            threads=threads,
            prefix=self._prefix(guideline),
        )

    def _prefix(self, guideline: str) -> tuple[int, ...] | None:
        if not guideline:
            return None
        known = self.manifest.settings.get("guidelines", {})
        if guideline not in known:
            raise ConfigError(
                f"The tagger {self.manifest.name} has no guideline '{guideline}'; it has: "
                f"{', '.join(known) or 'none but the usual one'}."
            )
        return (int(known[guideline]),)

    @property
    def model_name(self) -> str:
        """Name in the manifest; the `source` of every mention."""
        return self.manifest.name

    @property
    def states_graph(self) -> str:
        """What the hidden states are known by that the tagger can share."""
        return graph_sha256(self.manifest)

    @property
    def model_hash(self) -> str:
        """sha256 over the model's files and settings."""
        return self.manifest.hash

    @property
    def info(self) -> PredictorInfo:
        """Gives mentions, abbreviations where it reads them, and the states its graph has."""
        # States after another first token are not those that a relation model learned to read.
        has_states = "states_layer" in self.manifest.settings and not self.guideline
        return PredictorInfo(
            name=self.manifest.name,
            labels=self.labels,
            gives=frozenset(("mentions", "abbreviations") if self.short_forms else ("mentions",)),
            gives_states=self.states_graph if has_states else "",
        )

    def resources(self) -> tuple[Resource, ...]:
        """The model."""
        return (self.manifest.resource("model", self.model_path),)

    def share_states(self, graphs: frozenset[str]) -> None:
        """Keep the hidden states of every text if they are among those that are read later."""
        self.shares_states = self.info.gives_states in graphs

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with the mentions found added to those they had, and `windows`
        set.
        """
        if self.short_forms:
            documents = [with_abbreviations(document) for document in documents]
        tokens = self.encoder.tokenize([as_typed(document.text) for document in documents])
        windows = self.encoder.windows(tokens)
        counts = np.bincount([w.text for w in windows], minlength=len(documents))
        logits, shared = self._logits(tokens, windows)
        return [
            replace(
                document,
                mentions=merge_same_spans(
                    [*document.mentions, *self._mentions(document, each, scores)]
                ),
                windows=int(count),
                concepts=None,
                shared={**document.shared, **states},
            )
            for document, each, scores, states, count in zip(
                documents, tokens, logits, shared, counts, strict=True
            )
        ]

    def _logits(
        self, tokens: Sequence[Tokens], windows: Sequence[Window]
    ) -> tuple[list[NDArray[np.float32]], list[dict[str, EncodedText]]]:
        """Logits (tokens, tags) float32 of each text, and what is shared of it with later models."""
        if not self.shares_states:
            return self.encoder.encode(tokens, windows), [{} for _ in tokens]
        outputs = self.encoder.encode_all(
            tokens, windows, [self.encoder.session.outputs[0], "states"]
        )
        shared = [
            {self.states_graph: EncodedText(each, states)}
            for each, (_, states) in zip(tokens, outputs, strict=True)
        ]
        return [logits for logits, _ in outputs], shared

    def _mentions(
        self, document: Document, tokens: Tokens, logits: NDArray[np.float32]
    ) -> list[Mention]:
        if len(tokens.ids) == 0:
            return []
        text = document.text
        starts = np.flatnonzero(np.diff(tokens.words, prepend=-1))
        ends = np.append(starts[1:], len(tokens.words)) - 1
        scores = word_scores(_log_softmax(logits), starts, self.tags)
        words = [
            text[s:e]
            for s, e in zip(tokens.offsets[starts, 0], tokens.offsets[ends, 1], strict=True)
        ]
        spans = decode(agree(scores, words, self.agreement))
        found = tidied(text, [self._mention(span, tokens.offsets, starts, ends) for span in spans])
        if {GENE, VARIANT} <= set(self.labels):
            found = named_by_form(text, split_variants(text, found), source=self.manifest.name)
        if self.short_forms:
            found = labelled_alike(text, found, document.abbreviations or ())
        return [m for m in found if m.score >= self.thresholds[m.label]]

    def _mention(
        self,
        span: Span,
        offsets: NDArray[np.int64],
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
    ) -> Mention:
        label = self.tags.labels[span.label]
        return Mention(
            start=int(offsets[starts[span.first], 0]),
            end=int(offsets[ends[span.last], 1]),
            label=label,
            score=calibrate(float(np.exp(span.log_score)), self.manifest.calibration, label),
            sources=(self.manifest.name,),
        )


def _log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def _agreement(given: float | None, manifest: Manifest) -> float:
    weight = float(manifest.settings.get("agreement", 0.0) if given is None else given)
    if not 0.0 <= weight <= 1.0:
        raise ConfigError(f"The agreement of a tagger is {weight}; give a number from 0 to 1.")
    return weight


def _thresholds(
    threshold: float | Mapping[str, float] | None, manifest: Manifest, model: Path
) -> dict[str, float]:
    labels = manifest.labels
    if threshold is None:
        threshold = manifest.settings.get("thresholds", {})
    if not isinstance(threshold, Mapping):
        return dict.fromkeys(labels, float(threshold))
    if unknown := sorted(set(threshold) - set(labels)):
        raise ConfigError(
            f"Unknown label '{unknown[0]}' in {model}; its manifest lists: {', '.join(labels)}."
        )
    return {label: float(threshold.get(label, 0.0)) for label in labels}
