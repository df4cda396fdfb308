"""Thresholds of mention scores by label, chosen on annotated documents of one's own."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from biopipe.document import Document
from biopipe.document.gold_labels import choose_labels
from biopipe.errors import ConfigError
from biopipe.evaluate.gold import pair_documents
from biopipe.evaluate.mention_scores import judged_scores
from biopipe.runtime.thresholds import counts_at_thresholds

__all__ = ["propose_thresholds"]


def propose_thresholds(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    *,
    labels: Iterable[str] | None = None,
    precision: float | None = None,
) -> dict[str, dict[str, Any]]:
    """By label the threshold with the best F1, or the lowest with this `precision`, and what is
    reached with it.

    All four are None where no threshold gives that precision. Predictions have to be made without
    thresholds: one can only be raised. ConfigError for a precision outside of (0, 1].
    """
    if precision is not None and not 0 < precision <= 1:
        raise ConfigError(
            f"A precision of {precision} is wanted; give a share above 0 and up to 1."
        )
    scored_labels = choose_labels(gold, labels)
    pairs = pair_documents(gold, predicted)
    return {
        label: _propose(
            judged_scores(pairs, label),
            sum(len({(m.start, m.end) for m in g.mentions if m.label == label}) for g, _ in pairs),
            precision,
        )
        for label in scored_labels
    }


def _propose(
    judged: Sequence[tuple[float, bool]], wanted: int, least: float | None
) -> dict[str, Any]:
    # A threshold keeps all mentions of one score or none.
    scores = np.unique(np.array([score for score, _ in judged], dtype=np.float64))[::-1]
    kept, right = counts_at_thresholds(judged, scores)
    f1 = 2 * right / (kept + wanted)
    if least is None:
        # Of equal ones the lowest threshold, which is the last in descending order.
        best = int(len(f1) - 1 - f1[::-1].argmax()) if len(f1) else None
    else:
        enough = np.flatnonzero(right / kept >= least)
        best = int(enough[-1]) if len(enough) else None
    if best is None:
        return dict.fromkeys(("threshold", "precision", "recall", "f1"))
    # All mentions: the threshold that leaves none out of texts to come either.
    last = best == len(kept) - 1
    return {
        "threshold": 0.0 if last else _between(scores[best], scores[best + 1]),
        "precision": float(right[best] / kept[best]),
        "recall": float(right[best] / wanted),
        "f1": float(f1[best]),
    }


def _between(above: float, below: float) -> float:
    """The number of fewest digits between two scores, up to and with the upper one."""
    for digits in range(2, 16):
        rounded = round(float(above + below) / 2, digits)
        if below < rounded <= above:
            return rounded
    return float(above)
