"""A tagger's F1 on dev documents while it trains."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import PreTrainedModel

from biopipe.document import Document
from biopipe.ner.decode import decode, word_scores
from biopipe.ner.labels import TagSet, bio_tags
from biopipe.ner.name_features import NameFeatures
from biopipe.runtime.tokenizer import Tokenizer, Tokens
from biopipe.train.common.corpora import Corpus
from biopipe.train.ner.examples import WINDOW_TOKENS
from biopipe.train.ner.known_names import run_tagger

__all__ = ["dev_f1"]


def dev_f1(
    model: PreTrainedModel,
    documents: Sequence[Document],
    corpus: Corpus,
    labels: tuple[str, ...],
    tokenizer: Tokenizer,
    prefix: tuple[int, ...],
    features: NameFeatures | None = None,
    window: int = WINDOW_TOKENS,
) -> float:
    """Strict micro F1 over the labels that `corpus` annotates; a quick check, windows of
    `window` tokens cut without overlap.
    """
    model.train(False)
    hit = predicted = gold = 0
    for document, tokens in zip(
        documents, tokenizer.encode([d.text for d in documents]), strict=True
    ):
        rows = features.rows(document.text, tokens) if features else None
        mentions = {
            m
            for m in _predict(model, tokens, labels, prefix, tokenizer.suffix, rows, window)
            if m[2] in corpus.labels
        }
        # Of labels that the corpus does not annotate nobody knows what is right.
        wanted = {(m.start, m.end, m.label) for m in document.mentions if m.label in corpus.labels}
        hit, predicted, gold = (
            hit + len(mentions & wanted),
            predicted + len(mentions),
            gold + len(wanted),
        )
    return 2 * hit / max(1, predicted + gold)


def _predict(
    model: PreTrainedModel,
    tokens: Tokens,
    labels: tuple[str, ...],
    prefix: tuple[int, ...],
    suffix: tuple[int, ...],
    rows: NDArray[np.float32] | None,
    window: int,
) -> list[tuple[int, int, str]]:
    tags = TagSet.from_tags(bio_tags(labels))
    parts = []
    with torch.inference_mode():
        for start in range(0, len(tokens.ids), window):
            sequence = [*prefix, *tokens.ids[start : start + window].tolist(), *suffix]
            ids = torch.tensor([sequence])
            names = None
            if rows is not None:
                part = rows[start : start + window]
                around = ((len(prefix), len(suffix)), (0, 0))
                names = torch.from_numpy(np.pad(part, around))[None]
            logits = run_tagger(model, ids, torch.ones_like(ids), names).logits[0].float()
            parts.append(logits[len(prefix) : len(sequence) - len(suffix)].log_softmax(-1).numpy())
    if not parts:
        return []
    starts = np.flatnonzero(np.diff(tokens.words, prepend=-1))
    ends = np.append(starts[1:], len(tokens.words)) - 1
    spans = decode(word_scores(np.concatenate(parts), starts, tags))
    return [
        (
            int(tokens.offsets[starts[s.first], 0]),
            int(tokens.offsets[ends[s.last], 1]),
            tags.labels[s.label],
        )
        for s in spans
    ]
