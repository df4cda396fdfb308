"""Precision, recall and F1 of counted documents, with percentile bootstrap intervals over the
documents.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["MatchCounts", "count", "f1", "interval", "resample", "score_groups"]

# (documents, 3): true positives, false positives and false negatives of each document.
MatchCounts = NDArray[np.int64]


def count(gold: Sequence[AbstractSet[Any]], predicted: Sequence[AbstractSet[Any]]) -> MatchCounts:
    """Set arithmetic on each document's gold and predicted items."""
    rows = [(len(g & p), len(p - g), len(g - p)) for g, p in zip(gold, predicted, strict=True)]
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def f1(counts: NDArray[Any]) -> NDArray[np.float64]:
    """F1 over the last axis (tp, fp, fn); 0 where there is nothing to find and nothing found."""
    tp, fp, fn = np.moveaxis(np.asarray(counts, dtype=np.float64), -1, 0)
    scores: NDArray[np.float64] = 2 * tp / np.maximum(2 * tp + fp + fn, 1)
    return scores


def resample(counts: NDArray[np.int64], *, resamples: int, seed: int = 0) -> NDArray[np.int64]:
    """Sums of `counts` (documents, ...) over as many documents drawn with replacement: (resamples,
    ...).
    """
    generator = np.random.default_rng(seed)
    documents = len(counts)
    sums = np.zeros((resamples, *counts.shape[1:]), dtype=np.int64)
    # A row at a time: all draws at once would take resamples x documents in memory.
    for row in sums:
        row[...] = counts[generator.integers(documents, size=documents)].sum(axis=0)
    return sums


def interval(values: NDArray[np.float64]) -> list[float] | None:
    """The 95 % percentile interval of resampled values, (samples,) float64; None without values."""
    if not values.size:
        return None
    low, high = np.percentile(values, [2.5, 97.5])
    return [float(low), float(high)]


def score_groups(
    groups: Mapping[str, MatchCounts], *, bootstrap: int = 1000, seed: int = 0
) -> dict[str, Any]:
    """Scores of each group, all over the same documents and the same resamples of them."""
    if not groups:
        return {}
    # One draw of documents for all groups, so that their intervals can be compared.
    stacked = np.stack(list(groups.values()), axis=1)
    drawn = f1(resample(stacked, resamples=bootstrap if len(stacked) else 0, seed=seed))
    return {
        name: {**_scores(stacked[:, index].sum(axis=0)), "ci95": interval(drawn[:, index])}
        for index, name in enumerate(groups)
    }


def _scores(total: NDArray[np.int64]) -> dict[str, Any]:
    tp, fp, fn = (int(value) for value in total)
    return {
        "precision": tp / max(tp + fp, 1),
        "recall": tp / max(tp + fn, 1),
        "f1": float(f1(total)),
        "tp": tp,
        "fp": fp,
        "fn": fn,
    }
