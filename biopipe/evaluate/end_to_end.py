"""Mentions with their concepts: a mention counts when span, label and concept ids are right."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from biopipe.document import Document
from biopipe.document.gold_labels import choose_labels
from biopipe.evaluate.bootstrap import MatchCounts, score_groups
from biopipe.evaluate.canonical_ids import LabelledSpan, linked_spans
from biopipe.evaluate.gold import pair_documents

__all__ = ["score_end_to_end"]

Spans = Mapping[LabelledSpan, frozenset[str]]


def score_end_to_end(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    *,
    labels: Iterable[str] | None = None,
    bootstrap: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """`{"strict": {...}, "lenient": {...}, "types": {label: strict scores}}`.

    Strict: the same set of ids, none (NIL) included. Lenient: one id in common, or NIL on both
    sides.
    """
    scored_labels = choose_labels(gold, labels)
    pairs = [
        (linked_spans(g, scored_labels), linked_spans(p, scored_labels))
        for g, p in pair_documents(gold, predicted)
    ]
    types = {
        label: _counts([(_only(g, label), _only(p, label)) for g, p in pairs])
        for label in scored_labels
    }
    groups = {f"types {label}": counts for label, counts in types.items()}
    groups |= {"strict": _counts(pairs), "lenient": _counts(pairs, lenient=True)}
    scores = score_groups(groups, bootstrap=bootstrap, seed=seed)
    return {
        "strict": scores["strict"],
        "lenient": scores["lenient"],
        "types": {label: scores[f"types {label}"] for label in scored_labels},
    }


def _only(spans: Spans, label: str) -> Spans:
    return {span: ids for span, ids in spans.items() if span[2] == label}


def _counts(pairs: Sequence[tuple[Spans, Spans]], *, lenient: bool = False) -> MatchCounts:
    rows = []
    for gold, predicted in pairs:
        right = sum(_agree(ids, predicted.get(span), lenient=lenient) for span, ids in gold.items())
        # A span with a wrong concept is a false positive and a false negative at once.
        rows.append((right, len(predicted) - right, len(gold) - right))
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def _agree(gold: frozenset[str], predicted: frozenset[str] | None, *, lenient: bool) -> bool:
    if predicted is None:
        return False
    return gold == predicted or (lenient and bool(gold & predicted))
