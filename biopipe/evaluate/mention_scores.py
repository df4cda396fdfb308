"""Strict mention scores: a mention counts when start, end and label are right."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from biopipe.document import Document
from biopipe.document.gold_labels import choose_labels
from biopipe.evaluate.bootstrap import count, score_groups
from biopipe.evaluate.calibration_error import expected_calibration_error
from biopipe.evaluate.gold import pair_documents

__all__ = ["judged_scores", "score_ner"]


def score_ner(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    *,
    labels: Iterable[str] | None = None,
    bootstrap: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """`{"documents", "micro": {...}, "types": {label: {...}}}` over `labels`, by default those of
    the gold.

    A span annotated twice with one label counts once. "ece" is the calibration error of the
    mentions' scores, None where they have none.
    """
    scored_labels = choose_labels(gold, labels)
    pairs = pair_documents(gold, predicted)
    types = {
        label: count([_spans(g, label) for g, _ in pairs], [_spans(p, label) for _, p in pairs])
        for label in scored_labels
    }
    groups = {f"types {label}": counts for label, counts in types.items()}
    # The sum of the labels' counts, document by document, so that resamples hold for both.
    groups["micro"] = np.sum(list(types.values()), axis=0)
    scores = score_groups(groups, bootstrap=bootstrap, seed=seed)
    judged = {label: judged_scores(pairs, label) for label in scored_labels}
    return {
        "documents": len(pairs),
        "micro": {
            **scores["micro"],
            "ece": _error([each for label in scored_labels for each in judged[label]]),
        },
        "types": {
            label: {**scores[f"types {label}"], "ece": _error(judged[label])}
            for label in scored_labels
        },
    }


def judged_scores(
    pairs: Iterable[tuple[Document, Document]], label: str
) -> list[tuple[float, bool]]:
    """(score, right) of each mention of `label` predicted in pairs of gold and predicted
    documents.
    """
    judged = []
    for gold, predicted in pairs:
        best: dict[tuple[int, int], float] = {}
        for mention in predicted.mentions:
            if mention.label == label:
                span = (mention.start, mention.end)
                # A span that is predicted twice under one label is one answer.
                best[span] = max(mention.score, best.get(span, 0.0))
        wanted = _spans(gold, label)
        judged += [(score, span in wanted) for span, score in best.items()]
    return judged


def _error(judged: Sequence[tuple[float, bool]]) -> float | None:
    """Files without scores are read with 1.0 for each mention."""
    return expected_calibration_error(judged) if any(score < 1.0 for score, _ in judged) else None


def _spans(document: Document, label: str) -> set[tuple[int, int]]:
    return {(m.start, m.end) for m in document.mentions if m.label == label}
