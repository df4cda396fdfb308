"""Thresholds under which what a relation model reports is right nine times in ten, by label, and what
that costs: chosen on documents, measured on others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document
from biopipe.relations.extractor import RelationExtractor

__all__ = ["TypedScores", "precise_thresholds", "typed_scores"]

WANTED = 0.9
# Below it a label is left out: a setting for precision is not where to guess.
NEAR = 0.8
FOLDS = 5
FEWEST_ANSWERS = 15  # answers above a threshold; the precision of fewer is chance
_SCORE_STEPS = 1e4  # a threshold has four digits
NEVER = 1.0  # the threshold of a label that is never right often enough to tell


@dataclass(frozen=True, slots=True)
class TypedScores:
    """Scored pairs: `scores` (pairs,) float64, the probability of a relation times that of its
    label; `labels` (pairs,) int64; `right` (pairs,) bool, whether the gold has the pair with this
    label; `folds` (pairs,) int64, those of their documents; `gold` the gold's relations by label.
    """

    names: tuple[str, ...]
    scores: NDArray[np.float64]
    labels: NDArray[np.int64]
    right: NDArray[np.bool_]
    folds: NDArray[np.int64]
    gold: Mapping[str, int]


def typed_scores(extractor: RelationExtractor, documents: Sequence[Document]) -> TypedScores:
    """What the calibrated extractor says of the gold's concepts."""
    columns: list[tuple[float, int, bool, int]] = []
    number = 0
    for read, table in extractor.scored(documents):
        gold = [{frozenset((r.head, r.tail)): r.label for r in d.relations} for d in read]
        typed = table.typed_scores().tolist()
        rows = (table.documents, table.heads, table.tails, table.labels)
        for score, document, head, tail, label in zip(
            typed, *(column.tolist() for column in rows), strict=True
        ):
            concepts = read[document].concepts or ()
            pair = frozenset((concepts[head].id, concepts[tail].id))
            right = gold[document].get(pair) == extractor.labels[label]
            columns.append((score, label, right, (number + document) % FOLDS))
        number += len(read)
    every = [relation.label for document in documents for relation in document.relations]
    scores, labels, right, folds = (np.array(column) for column in zip(*columns, strict=True))
    count = {label: every.count(label) for label in extractor.labels}
    return TypedScores(extractor.labels, scores, labels, right, folds, count)


def precise_thresholds(scored: TypedScores) -> dict[str, Any]:
    """`{"": {label: threshold}, "measured": {label: {"precision", "recall", "reported"}}}`.

    The measure of a label is over all folds of documents, each by thresholds chosen on the other
    folds; "" there is that of all labels together. A label that reaches the precision nowhere gets
    the threshold where it comes nearest, one that comes not even near or has too few answers
    `NEVER`.
    """
    every = np.ones(len(scored.scores), dtype=np.bool_)
    kept = np.zeros_like(every)
    for fold in range(FOLDS):
        thresholds = _choose(scored, scored.folds != fold)
        least = np.array([thresholds[name] for name in scored.names])
        kept |= (scored.folds == fold) & (scored.scores >= least[scored.labels])
    measured = {
        name: _measure(scored, kept & (scored.labels == number), scored.gold[name])
        for number, name in enumerate(scored.names)
    }
    measured[""] = _measure(scored, kept, sum(scored.gold.values()))
    return {"": _choose(scored, every), "measured": measured}


def _choose(scored: TypedScores, used: NDArray[np.bool_]) -> dict[str, float]:
    return {
        name: _threshold(scored.scores[rows], scored.right[rows])
        for number, name in enumerate(scored.names)
        for rows in (used & (scored.labels == number),)
    }


def _threshold(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """The lowest score from which on the precision is the wanted one, else the best there is;
    `NEVER` where that is not near.
    """
    if len(scores) < FEWEST_ANSWERS:
        return NEVER
    order = np.argsort(-scores, kind="stable")
    counts = np.arange(1, len(order) + 1)
    precision = np.cumsum(right[order]) / counts
    precision[: FEWEST_ANSWERS - 1] = -1.0
    enough = np.flatnonzero(precision >= WANTED)
    at = enough[-1] if len(enough) else precision.argmax()
    if precision[at] < NEAR:
        return NEVER
    # Rounded down, so that the last answer counted is still reported.
    return float(np.floor(scores[order[at]] * _SCORE_STEPS) / _SCORE_STEPS)


def _measure(scored: TypedScores, kept: NDArray[np.bool_], gold: int) -> dict[str, float]:
    reported, right = int(kept.sum()), int(scored.right[kept].sum())
    return {
        "precision": round(right / max(1, reported), 4),
        "recall": round(right / max(1, gold), 4),
        "reported": reported,
    }
