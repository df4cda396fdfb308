"""A tagger's F1 on dev documents while it trains."""

from collections.abc import Sequence

import numpy as np
import torch
from transformers import PreTrainedModel

from biopipe.document import Document
from biopipe.ner.decode import decode, word_scores
from biopipe.ner.labels import TagSet, bio_tags
from biopipe.runtime.tokenizer import Tokenizer, Tokens
from biopipe.train.common.corpora import Corpus
from biopipe.train.ner.examples import WINDOW_TOKENS

__all__ = ["dev_f1"]


def dev_f1(
    model: PreTrainedModel,
    documents: Sequence[Document],
    corpus: Corpus,
    labels: tuple[str, ...],
    tokenizer: Tokenizer,
    prefix: tuple[int, ...],
) -> float:
    """Strict micro F1 over the labels that `corpus` annotates; a quick check, windows cut without
    overlap.
    """
    model.train(False)
    hit = predicted = gold = 0
    for document, tokens in zip(
        documents, tokenizer.encode([d.text for d in documents]), strict=True
    ):
        mentions = {
            m
            for m in _predict(model, tokens, labels, prefix, tokenizer.suffix)
            if m[2] in corpus.labels
        }
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
) -> list[tuple[int, int, str]]:
    tags = TagSet.from_tags(bio_tags(labels))
    parts = []
    with torch.inference_mode():
        for start in range(0, len(tokens.ids), WINDOW_TOKENS):
            sequence = [*prefix, *tokens.ids[start : start + WINDOW_TOKENS].tolist(), *suffix]
            logits = model(input_ids=torch.tensor([sequence])).logits[0].float()
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
