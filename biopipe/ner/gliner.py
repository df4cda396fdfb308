"""Zero-shot entity recognition by GLiNER on ONNX Runtime: labels are words that the caller
chooses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document, Mention, Predictor, PredictorInfo, Resource
from biopipe.errors import ConfigError
from biopipe.ner.gliner_decode import Spans, choose_spans
from biopipe.ner.gliner_inputs import OUTSIDE, Prompt, gliner_feed, label_prompts, layout_of
from biopipe.ner.gliner_labels import GRAPH as LABEL_GRAPH
from biopipe.ner.gliner_labels import label_vectors
from biopipe.ner.gliner_words import Words, WordWindow, fitted, read_words, word_windows
from biopipe.ner.merge import merge_same_spans
from biopipe.runtime.batching import planned_batches
from biopipe.runtime.opened import open_model
from biopipe.runtime.thresholds import label_thresholds

__all__ = ["Gliner"]

USUAL_THRESHOLD = 0.5  # GLiNER's own, for labels that have none of the caller's
DOCUMENTS_AT_ONCE = 64  # bounds the inputs and outputs held at a time

Labels = Sequence[str] | Mapping[str, str]


class Gliner(Predictor):
    """Finds mentions of the labels asked for, in documents of any length.

    `labels` is a list, or maps each label to the words that the model reads for it; by default they
    are the manifest's. A mention's score is the model's probability for its span and label; those
    not above `threshold` (one number, or one per label and 0.5 for the others) are left out. Of
    mentions that overlap the highest stays, or with `flat` false, those that lie within each other.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        labels: Labels | None = None,
        threshold: float | Mapping[str, float] = USUAL_THRESHOLD,
        flat: bool = True,
        device: str = "cpu",
        threads: int | None = None,
    ) -> None:
        if not str(model):
            raise ConfigError(
                "biopipe_gliner has no 'model'; give the folder that 'biopipe model export' wrote."
            )
        self._opened = open_model(model, task="gliner")
        self.model_path, self.manifest = self._opened
        self.layout = layout_of(self.manifest)
        self.words_of = _words_of(
            labels, self.manifest.labels, self.manifest.settings, self.model_path
        )
        self.labels = tuple(self.words_of)
        self.thresholds = label_thresholds(
            threshold, dict.fromkeys(self.labels, USUAL_THRESHOLD), owner=self.manifest.name
        )
        self.flat = flat
        self.device, self.threads = device, threads
        self._open()

    def _open(self) -> None:
        self.tokenizer = self._opened.tokenizer()
        self.session = self._opened.session(device=self.device, threads=self.threads)
        self._prompts: list[Prompt] | None = None

    def __getstate__(self) -> dict[str, Any]:
        opened = {"tokenizer", "session", "_prompts"}
        return {key: value for key, value in self.__dict__.items() if key not in opened}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()

    @property
    def model_name(self) -> str:
        """Name in the manifest; the `source` of every mention."""
        return self.manifest.name

    @property
    def model_hash(self) -> str:
        """sha256 over the model's files and settings."""
        return self.manifest.hash

    @property
    def info(self) -> PredictorInfo:
        """Gives mentions of the labels asked for."""
        return PredictorInfo(
            name=self.manifest.name, labels=self.labels, gives=frozenset({"mentions"})
        )

    def resources(self) -> tuple[Resource, ...]:
        """The model."""
        return (self.manifest.resource("model", self.model_path),)

    @property
    def prompts(self) -> list[Prompt]:
        """The labels as the graph gets them, made once."""
        if self._prompts is None:
            texts = list(self.words_of.values())
            if LABEL_GRAPH in self.manifest.files:
                vectors = label_vectors(self.model_path, self.manifest, texts, device=self.device)
                none = np.zeros(0, dtype=np.int64)
                self._prompts = [Prompt(range(len(texts)), none, vectors)]
            else:
                self._prompts = label_prompts(
                    texts, self.tokenizer, self.layout, most=self._room() // 2
                )
        return self._prompts

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with the mentions found added to those they had, and `windows`
        set.
        """
        result = []
        for start in range(0, len(documents), DOCUMENTS_AT_ONCE):
            result += self._predict(documents[start : start + DOCUMENTS_AT_ONCE])
        return result

    def _predict(self, documents: Sequence[Document]) -> list[Document]:
        words = read_words([document.text for document in documents], self.tokenizer)
        spans_by_document: list[list[Spans]] = [[] for _ in documents]
        counts = np.zeros(len(documents), dtype=np.int64)
        for prompt in self.prompts:
            windows = self._score(words, prompt, spans_by_document)
            counts += np.bincount([w.text for w in windows], minlength=len(documents))
        return [
            replace(
                document,
                mentions=merge_same_spans(
                    [*document.mentions, *self._mentions(document_words, _joined(spans))]
                ),
                windows=int(count),
                concepts=None,
            )
            for document, document_words, spans, count in zip(
                documents, words, spans_by_document, counts, strict=True
            )
        ]

    def _room(self) -> int:
        """Tokens of a window that are not special ones."""
        return self.manifest.max_length - len(self.tokenizer.prefix) - len(self.tokenizer.suffix)

    def _score(
        self, words: Sequence[Words], prompt: Prompt, spans_by_document: list[list[Spans]]
    ) -> list[WordWindow]:
        """Add the spans above the thresholds to `found` of their text; returns the windows read."""
        room, width = self._room() - len(prompt.ids), self.layout.max_width
        fit = [fitted(document_words, room=room, width=width) for document_words in words]
        windows = [
            window
            for text, document_words in enumerate(fit)
            for window in word_windows(
                text, document_words, most_words=self.layout.max_words, room=room, width=width
            )
        ]
        around = len(prompt.ids) + self.manifest.max_length - self._room()
        lengths = [
            int(fit[w.text].starts[w.end] - fit[w.text].starts[w.start]) + around for w in windows
        ]
        batches = list(planned_batches(lengths, self.session.plan, most=self.manifest.max_length))
        feeds = [
            gliner_feed(
                [windows[i] for i in batch.windows],
                fit,
                prompt,
                self.tokenizer,
                self.layout.pooling,
                rows=batch.rows,
                length=batch.length,
            )
            for batch in batches
        ]
        for batch, (logits,) in zip(
            batches, self.session.run(feeds, outputs=["logits"]), strict=True
        ):
            for row, index in enumerate(batch.windows):
                spans_by_document[windows[index].text].append(
                    self._above(logits[row], windows[index], prompt)
                )
        return windows

    def _above(self, logits: NDArray[np.float32], window: WordWindow, prompt: Prompt) -> Spans:
        """The spans of a window's own words above their label's threshold; `logits` is (words,
        widths, labels).
        """
        own = logits[window.own_start - window.start : window.own_end - window.start]
        thresholds = np.array([self.thresholds[self.labels[number]] for number in prompt.numbers])
        scores = (1 / (1 + np.exp(-np.maximum(own, -80)))).astype(np.float32)
        first, width, label = np.nonzero((scores > thresholds) & (own > OUTSIDE))
        return Spans(
            first + window.own_start,
            first + window.own_start + width,
            np.asarray(prompt.numbers, dtype=np.int64)[label],
            scores[first, width, label],
        )

    def _mentions(self, words: Words, spans: Spans) -> list[Mention]:
        return [
            Mention(
                start=int(words.offsets[spans.first[number], 0]),
                end=int(words.offsets[spans.last[number], 1]),
                label=self.labels[spans.label[number]],
                score=float(spans.score[number]),
                sources=(self.manifest.name,),
            )
            for number in choose_spans(spans, flat=self.flat)
        ]


def _joined(parts: Sequence[Spans]) -> Spans:
    """All spans of a text in GLiNER's order, by first word, then width, then label, which decides
    between equals.
    """
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return Spans(none, none, none, np.zeros(0, dtype=np.float32))
    first, last, label = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("first", "last", "label")
    )
    order = np.lexsort((label, last, first))
    score = np.concatenate([part.score for part in parts])
    return Spans(first[order], last[order], label[order], score[order])


def _words_of(
    labels: Labels | None, known: Sequence[str], settings: Mapping[str, Any], model: Path
) -> dict[str, str]:
    """What the model reads for each label."""
    if labels is None:
        labels = {label: str(settings.get("prompts", {}).get(label, label)) for label in known}
    if isinstance(labels, str):
        raise ConfigError(f"The labels are the text '{labels}'; give a list of labels.")
    words = dict(labels) if isinstance(labels, Mapping) else {label: label for label in labels}
    if not words:
        raise ConfigError(f"{model} comes without labels of its own; give the labels to look for.")
    if empty := [label for label, text in words.items() if not text.strip()]:
        raise ConfigError(
            f"The label '{empty[0]}' has no words for the model to read; give it some."
        )
    return words
