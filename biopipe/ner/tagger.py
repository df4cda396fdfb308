"""Named entity recognition by a BERT-family token classifier on ONNX Runtime."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document, Mention, Predictor, PredictorInfo, Resource
from biopipe.document.labels import GENE, SPECIES, VARIANT
from biopipe.errors import ConfigError
from biopipe.kb.base import KnowledgeBase
from biopipe.kinds.chemical.charges import with_charges
from biopipe.kinds.gene.edges import without_genotypes
from biopipe.kinds.gene.serotypes import whole_antigens
from biopipe.kinds.species.patterns import label_lineages, whole_binomials
from biopipe.kinds.variant.alleles import split_alleles
from biopipe.kinds.variant.catalogue import without_reagents
from biopipe.kinds.variant.edges import split_variants, trim_variant_nouns
from biopipe.kinds.variant.patterns import label_symbols_before_variants, label_variant_forms
from biopipe.ner.agreement import apply_document_consistency
from biopipe.ner.decode import decode_texts, log_softmax, presence, word_scores
from biopipe.ner.edges import trim_boundaries
from biopipe.ner.known_edges import join_known_names, part_known_names, whole_known_names
from biopipe.ner.labels import TagSet
from biopipe.ner.merge import merge_same_spans
from biopipe.ner.name_features import KnownName, told_names
from biopipe.ner.short_forms import propagate_abbreviation_labels
from biopipe.ner.words import WordTable, forms_by_text, word_table
from biopipe.runtime.calibration import calibrate_scores
from biopipe.runtime.encoder import TokenEncoder, TokenFeatures, Window
from biopipe.runtime.manifest import Manifest
from biopipe.runtime.opened import open_model
from biopipe.runtime.thresholds import label_thresholds
from biopipe.runtime.tokenizer import Tokens
from biopipe.runtime.trunk import EncodedText, graph_sha256
from biopipe.text.abbreviations import with_abbreviations
from biopipe.text.typography import as_typed

__all__ = ["DEFAULT_TAGGER", "TaggedWords", "Tagger"]

DEFAULT_TAGGER = "biopipe-ner-minilm"

# A name is kept whose words are so surely of its label, whatever its edges: of 163 in the train and
# dev sets of BC5CDR and BioRED and in NCBI Disease dev, which the tagger learned from, 77 are gold as
# they stand and 69 in part; ten of the others are rats, which BC5CDR leaves out.
_CERTAIN = 0.9


@dataclass(frozen=True, slots=True)
class TaggedWords:
    """The words of a text, runs of letters and digits or single signs, with what a tagger says.

    starts, ends: (words,) int64, code points; probabilities: (words, 1 + 2 * labels) float32 of O,
    the beginning of each label and the inside of each.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    probabilities: NDArray[np.float32]


class _Decoded(NamedTuple):
    """The mentions of a text, and the spans and labels of those that are certainly there, whatever
    their edges.
    """

    mentions: list[Mention]
    there: frozenset[tuple[int, int, str]]


class Tagger(Predictor):
    """Finds mentions in documents of any length: long texts are read in overlapping windows, never
    cut.

    A mention's score is the geometric mean of its words' tag probabilities, calibrated as the
    manifest says; mentions below `threshold` (one number, or one per label) are left out: by
    default those the manifest names, with 0 none. A name of a knowledge base stays whose words are
    of its label for certain, though where it begins is not. `agreement` in [0, 1] is how much the other
    occurrences of a word in its document count (see `biopipe.ner.agreement`); by default what the
    manifest says. `short_forms` has every short form that the document defines labelled as its long
    form is (see `biopipe.ner.short_forms`); by default what the manifest says. `guideline` has
    mentions marked as the annotators of one of the corpora did that the model learned from.

    A model that was trained to be told the names of knowledge bases (`names` in its manifest's
    settings) is told those of `kb`: directories, open ones or "default", by default the default one;
    an empty list tells it none. Other models read no base.
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
        kb: Sequence[KnowledgeBase | str | Path] | None = None,
    ) -> None:
        self.model_path, self.manifest = open_model(model, task="token-classification")
        self.labels = self.manifest.labels
        self.tags = TagSet.from_tags(self.manifest.settings["tags"])
        self.thresholds = _thresholds(threshold, self.manifest)
        self._least_presence = np.maximum(
            [self.thresholds[label] for label in self.tags.labels], _CERTAIN
        )
        self.agreement = _agreement(agreement, self.manifest)
        if short_forms is None:
            short_forms = bool(self.manifest.settings.get("short_forms", False))
        self.short_forms = short_forms
        self.guideline = guideline
        self.names = told_names(self.manifest, kb)
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
        first_tokens = self.manifest.settings.get("guidelines", {})
        if guideline not in first_tokens:
            raise ConfigError(
                f"The tagger {self.manifest.name} has no guideline '{guideline}'; it has: "
                f"{', '.join(first_tokens) or 'none but the usual one'}."
            )
        return (int(first_tokens[guideline]),)

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
        """The model, and the knowledge bases whose names it is told."""
        bases = () if self.names is None else self.names.bases
        return (
            self.manifest.resource("model", self.model_path),
            *(Resource(role="kb", name=base.name, hash=base.hash) for base in bases),
        )

    def share_states(self, graphs: frozenset[str]) -> None:
        """Keep the hidden states of every text if they are among those that are read later."""
        self.shares_states = self.info.gives_states in graphs

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with the mentions found added to those they had, and `windows`
        set.
        """
        if self.short_forms:
            documents = [with_abbreviations(document) for document in documents]
        texts = [as_typed(document.text) for document in documents]
        tokens = self.encoder.tokenize(texts)
        windows = self.encoder.windows(tokens)
        counts = np.bincount([w.text for w in windows], minlength=len(documents))
        names = self._known_names(texts)
        logits, states = self._logits(tokens, windows, self._features(names, tokens))
        mentions = self._mentions(documents, tokens, logits, names)
        shared = [
            self._shared(document, text, text_tokens, text_states)
            for document, text, text_tokens, text_states in zip(
                documents, texts, tokens, states, strict=True
            )
        ]
        return [
            replace(
                document,
                mentions=merge_same_spans([*document.mentions, *new]),
                windows=int(count),
                concepts=None,
                shared=left_for_later,
            )
            for document, new, count, left_for_later in zip(
                documents, mentions, counts, shared, strict=True
            )
        ]

    def tag_words(self, documents: Sequence[Document]) -> list[TaggedWords]:
        """What the network says of each word, before anything is decoded or corrected."""
        texts = [as_typed(document.text) for document in documents]
        tokens = self.encoder.tokenize(texts)
        windows = self.encoder.windows(tokens)
        names = self._known_names(texts)
        logits, _ = self._logits(tokens, windows, self._features(names, tokens))
        words = word_table(tokens)
        probabilities = np.exp(self._word_scores(logits, words))
        return [
            TaggedWords(words.starts[a:b], words.ends[a:b], probabilities[a:b])
            for a, b in pairwise(words.edges.tolist())
        ]

    def _known_names(self, texts: Sequence[str]) -> list[list[KnownName]]:
        """The names of the knowledge bases in each text; none where the graph is told of none."""
        return [[] for _ in texts] if self.names is None else self.names.names_of_many(texts)

    def _features(
        self, names: Sequence[Sequence[KnownName]], tokens: Sequence[Tokens]
    ) -> TokenFeatures | None:
        """What the graph is told beside the tokens; None where that is nothing."""
        return None if self.names is None else self.names.told(names, tokens)

    def _logits(
        self,
        tokens: Sequence[Tokens],
        windows: Sequence[Window],
        features: TokenFeatures | None,
    ) -> tuple[list[NDArray[np.float32]], Sequence[NDArray[np.float32] | None]]:
        """Logits (tokens, tags) float32 of each text, and its states (tokens, width) float32 where
        they are shared.
        """
        if not self.shares_states:
            first = self.encoder.encode_all(
                tokens, windows, self.encoder.session.outputs[:1], features
            )
            return [logits for (logits,) in first], [None] * len(tokens)
        outputs = self.encoder.encode_all(
            tokens, windows, [self.encoder.session.outputs[0], "states"], features
        )
        return [logits for logits, _ in outputs], [states for _, states in outputs]

    def _shared(
        self, document: Document, text: str, tokens: Tokens, states: NDArray[np.float32] | None
    ) -> Mapping[str, Any]:
        """What the document carries for later models: its tokens, if `text` is its own, and
        states.
        """
        shared = dict(document.shared)
        if text == document.text:
            shared[self.encoder.tokenizer.sha256] = tokens
        if states is not None:
            shared[self.states_graph] = EncodedText(tokens, states)
        return shared

    def _mentions(
        self,
        documents: Sequence[Document],
        tokens: Sequence[Tokens],
        logits: Sequence[NDArray[np.float32]],
        names: Sequence[Sequence[KnownName]],
    ) -> list[list[Mention]]:
        """The mentions of each text, in which there are `names`; logits: (tokens, tags) float32
        each.
        """
        words = word_table(tokens)
        scores = self._word_scores(logits, words)
        if self.agreement and len(scores):
            forms = forms_by_text([document.text for document in documents], words)
            scores = apply_document_consistency(scores, forms, self.agreement)
        by_text = self._decoded(scores, words)
        return [
            self._corrected(document, found, of_text)
            for document, found, of_text in zip(documents, by_text, names, strict=True)
        ]

    def _word_scores(
        self, logits: Sequence[NDArray[np.float32]], words: WordTable
    ) -> NDArray[np.float32]:
        """Log scores (words, 1 + 2 * labels) float32 of the words of all texts."""
        read = [text_logits for text_logits in logits if len(text_logits)]
        if not read:
            return np.zeros((0, 1 + 2 * len(self.tags.labels)), dtype=np.float32)
        return word_scores(log_softmax(np.concatenate(read)), words.first_pieces, self.tags)

    def _decoded(self, scores: NDArray[np.float32], words: WordTable) -> list[_Decoded]:
        """The mentions of each text by word scores (words, 1 + 2 * labels) float32."""
        spans = decode_texts(scores, words.edges)
        probabilities = calibrate_scores(
            np.exp(spans.log_score.astype(np.float64)),
            self.manifest.calibration,
            spans.label,
            self.tags.labels,
        )
        columns = (words.starts[spans.first], words.ends[spans.last], spans.label, probabilities)
        names, sources = self.tags.labels, (self.manifest.name,)
        mentions = [
            Mention(start, end, names[label], probability, sources=sources)
            for start, end, label, probability in zip(*(c.tolist() for c in columns), strict=True)
        ]
        is_there = (presence(scores, spans) >= self._least_presence[spans.label]).tolist()
        edges = np.searchsorted(spans.first, words.edges).tolist()
        return [
            _Decoded(
                mentions[start:end],
                frozenset(
                    _place(mention)
                    for mention, there in zip(mentions[start:end], is_there[start:end], strict=True)
                    if there
                ),
            )
            for start, end in pairwise(edges)
        ]

    def _spans_by_label(self, names: Sequence[KnownName]) -> Mapping[str, list[tuple[int, int]]]:
        """The spans of the names of each label, in their order; none where there are no names."""
        spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
        if self.names is not None:
            for name in names:
                spans[self.names.labels[name.label]].append((name.start, name.end))
        return spans

    def _name_spans(self, text: str, label: str) -> list[tuple[int, int]]:
        """The spans of the names of a label in a text, as the bases have them."""
        if self.names is None:
            return []
        labels = self.names.labels
        names = self.names.names(text)
        return [(name.start, name.end) for name in names if labels[name.label] == label]

    def _is_name(self, text: str, mention: Mention) -> bool:
        """Whether the bases have the mention as a name of its label."""
        surface = text[mention.start : mention.end]
        return (0, len(surface)) in self._name_spans(surface, mention.label)

    def _corrected(
        self, document: Document, decoded: _Decoded, names: Sequence[KnownName]
    ) -> list[Mention]:
        """Decoded mentions of a text, in which there are `names`, with the rules of boundaries,
        variants, short forms and thresholds applied.
        """
        text = document.text
        mentions = with_charges(text, trim_boundaries(text, decoded.mentions))
        spans = self._spans_by_label(names)
        if self.names is not None:
            mentions = whole_known_names(text, mentions, spans, self._name_spans)
            mentions = part_known_names(text, mentions, self._name_spans)
        if GENE in self.labels:
            mentions = without_genotypes(text, mentions)
        if {GENE, VARIANT} <= set(self.labels):
            mentions = split_variants(text, trim_variant_nouns(text, mentions))
            mentions = label_variant_forms(
                text, mentions, source=self.manifest.name, thresholds=self.thresholds
            )
            mentions = label_symbols_before_variants(text, mentions)
            mentions = split_alleles(text, mentions, source=self.manifest.name)
            mentions = whole_antigens(text, without_reagents(text, mentions))
        if SPECIES in self.labels:
            mentions = whole_binomials(text, mentions)
            mentions = label_lineages(text, mentions, source=self.manifest.name)
        if self.short_forms and document.abbreviations:
            mentions = propagate_abbreviation_labels(text, mentions, document.abbreviations)
        sure = [
            mention
            for mention in mentions
            if mention.score >= self.thresholds[mention.label]
            or (_place(mention) in decoded.there and self._is_name(text, mention))
        ]
        return join_known_names(text, sure, spans)


def _place(mention: Mention) -> tuple[int, int, str]:
    return mention.start, mention.end, mention.label


def _agreement(given: float | None, manifest: Manifest) -> float:
    weight = float(manifest.settings.get("agreement", 0.0) if given is None else given)
    if not 0.0 <= weight <= 1.0:
        raise ConfigError(f"The agreement of a tagger is {weight}; give a number from 0 to 1.")
    return weight


def _thresholds(wanted: float | Mapping[str, float] | None, manifest: Manifest) -> dict[str, float]:
    """A mapping of the caller's leaves the labels that it does not name without a threshold."""
    own = manifest.settings.get("thresholds", {}) if wanted is None else {}
    defaults = {label: float(own.get(label, 0.0)) for label in manifest.labels}
    return label_thresholds(wanted, defaults, owner=manifest.name)
