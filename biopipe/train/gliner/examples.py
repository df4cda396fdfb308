"""What GLiNER is taught: windows of a corpus' documents with the labels it annotates, under ever
other names.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from biopipe.document import Document, Mention
from biopipe.ner.gliner_inputs import Layout, gliner_feed, label_prompts
from biopipe.ner.gliner_words import Words, WordWindow, read_words
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.text.sentences import sentence_spans
from biopipe.train.common.corpora import Corpus
from biopipe.train.gliner.classes import SEPARATOR

__all__ = ["GlinerExample", "collate_examples", "gliner_examples"]

MOST_PIECES = 256
_MOST_LABELS = 16


@dataclass(frozen=True, slots=True)
class GlinerExample:
    """A window of whole sentences; `spans` are (first word, last word, label), counted from its
    first word.

    `labels` are those its corpus annotates. `unsure` words, (first, last), teach nothing. A span
    without a label is taught with the weight `trust`.
    """

    words: Words
    labels: tuple[str, ...]
    spans: tuple[tuple[int, int, str], ...]
    unsure: tuple[tuple[int, int], ...]
    trust: float = 1.0


def gliner_examples(
    documents: Sequence[Document], corpus: Corpus, tokenizer: Tokenizer
) -> list[GlinerExample]:
    """The windows of documents, each as many sentences as fit; a longer sentence is cut."""
    words = read_words([document.text for document in documents], tokenizer)
    labels = corpus.labels
    if corpus.classes:
        labels = tuple(
            sorted({label for d in documents for m in d.mentions for label in _labels(m, corpus)})
        )
    return [
        _example(document, each, start, end, corpus, labels)
        for document, each in zip(documents, words, strict=True)
        for start, end in _ranges(document.text, each)
    ]


def _ranges(text: str, words: Words) -> Iterator[tuple[int, int]]:
    """Word ranges of at most MOST_PIECES pieces."""
    ends = np.searchsorted(words.offsets[:, 0], [end for _, end in sentence_spans(text)])
    start = last = 0
    for end in ends.tolist():
        if words.starts[end] - words.starts[start] > MOST_PIECES and last > start:
            yield start, last
            start = last
        while words.starts[end] - words.starts[start] > MOST_PIECES:
            cut = (
                int(np.searchsorted(words.starts, words.starts[start] + MOST_PIECES, side="right"))
                - 1
            )
            # A word of more pieces than a window still has to go somewhere.
            cut = max(cut, start + 1)
            yield start, cut
            start = cut
        last = end
    if last > start:
        yield start, last


def _labels(mention: Mention, corpus: Corpus) -> list[str]:
    return mention.label.split(SEPARATOR) if corpus.classes else [mention.label]


def _example(
    document: Document, words: Words, start: int, end: int, corpus: Corpus, labels: tuple[str, ...]
) -> GlinerExample:
    spans, unsure = [], []
    for mention in document.mentions:
        first = int(np.searchsorted(words.offsets[:, 1], mention.start, side="right"))
        last = int(np.searchsorted(words.offsets[:, 0], mention.end)) - 1
        if start <= first <= last < end:
            spans += [
                (first - start, last - start, each)
                for each in _labels(mention, corpus)
                if each in labels
            ]
    for number in range(start, end):
        low, high = words.offsets[number]
        if document.text[low:high].lower() in corpus.ambiguous:
            unsure.append((number - start, number - start))
    part = slice(int(words.starts[start]), int(words.starts[end]))
    return GlinerExample(
        Words(
            words.offsets[start:end],
            words.ids[part],
            words.starts[start : end + 1] - words.starts[start],
        ),
        labels,
        tuple(spans),
        tuple(unsure),
        corpus.trust,
    )


def collate_examples(
    examples: Sequence[GlinerExample],
    names: Mapping[str, Sequence[str]],
    tokenizer: Tokenizer,
    layout: Layout,
    rng: random.Random,
) -> tuple[dict[str, torch.Tensor], torch.Tensor, torch.Tensor]:
    """The graph's inputs by name (see `gliner_feed`), the targets and their weights, both (batch,
    words, widths, labels) float32.

    Each example is asked for some of its labels in any order, each under one of its names; where
    its corpus says nothing the weight is 0.
    """
    feeds = []
    asked = [_asked(example, rng) for example in examples]
    for example, labels in zip(examples, asked, strict=True):
        texts = [rng.choice(names.get(label, (label,))) for label in labels]
        (prompt,) = label_prompts(texts, tokenizer, layout, most=MOST_PIECES)
        window = WordWindow(0, 0, len(example.words), 0, len(example.words))
        feeds.append(gliner_feed([window], [example.words], prompt, tokenizer, layout.pooling))
    fill = {"input_ids": tokenizer.pad_id, "words": -1}
    inputs = {
        name: torch.from_numpy(_padded([feed[name][0] for feed in feeds], fill.get(name, 0)))
        for name in feeds[0]
    }
    rows, count = inputs["words"].shape
    targets = torch.zeros(rows, count, layout.max_width, inputs["labels"].shape[1])
    weights = torch.zeros_like(targets)
    for row, (example, labels) in enumerate(zip(examples, asked, strict=True)):
        size = len(example.words)
        # Spans that would pass the end of the text keep the weight 0.
        for width in range(min(layout.max_width, size)):
            weights[row, : size - width, width, : len(labels)] = example.trust
        for first, last, label in example.spans:
            if label in labels and last - first < layout.max_width:
                targets[row, first, last - first, labels.index(label)] = 1
        for first, _ in example.unsure:
            for width in range(layout.max_width):
                weights[row, max(0, first - width) : first + 1, width] = 0
    # What is marked counts in full, whatever the trust in what is not.
    return inputs, targets, torch.maximum(weights, targets)


def _asked(example: GlinerExample, rng: random.Random) -> list[str]:
    """All of the labels half of the time, else some of them; of very many, some that are there and
    some drawn.
    """
    if len(example.labels) > _MOST_LABELS:
        by_span: dict[tuple[int, int], list[str]] = {}
        for first, last, label in example.spans:
            by_span.setdefault((first, last), []).append(label)
        # A mention first, then one of its classes: else those with one class alone would seldom be
        # asked for.
        spans = rng.sample(sorted(by_span), min(len(by_span), rng.randint(1, _MOST_LABELS // 2)))
        asked = list(dict.fromkeys(rng.choice(by_span[span]) for span in spans))
        others = rng.sample(example.labels, rng.randint(1, _MOST_LABELS // 2))
        asked += [label for label in others if label not in asked]
        return rng.sample(asked, len(asked))
    count = len(example.labels) if rng.random() < 0.5 else rng.randint(1, len(example.labels))
    return rng.sample(example.labels, count)


def _padded(rows: Sequence[NDArray[Any]], fill: int) -> NDArray[Any]:
    result = np.full((len(rows), max(len(row) for row in rows)), fill, dtype=rows[0].dtype)
    for number, row in enumerate(rows):
        result[number, : len(row)] = row
    return result
