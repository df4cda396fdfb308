"""Strict mention scores: a mention counts when start, end and label are right."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from biopipe.evaluate.bootstrap import count, score_groups
from biopipe.evaluate.gold import choose_labels, pair_documents
from biopipe.types import Document

__all__ = ["score_ner"]


def score_ner(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    *,
    labels: Iterable[str] | None = None,
    bootstrap: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """`{"documents", "micro": {...}, "types": {label: {...}}}` over `labels`, by default those of the gold.

    A span annotated twice with one label counts once.
    """
    chosen = choose_labels(gold, labels)
    pairs = pair_documents(gold, predicted)
    types = {
        label: count([_spans(g, label) for g, _ in pairs], [_spans(p, label) for _, p in pairs])
        for label in chosen
    }
    groups = {f"types {label}": counts for label, counts in types.items()}
    groups["micro"] = np.sum(list(types.values()), axis=0)
    scores = score_groups(groups, bootstrap=bootstrap, seed=seed)
    return {
        "documents": len(pairs),
        "micro": scores["micro"],
        "types": {label: scores[f"types {label}"] for label in chosen},
    }


def _spans(document: Document, label: str) -> set[tuple[int, int]]:
    return {(m.start, m.end) for m in document.mentions if m.label == label}
