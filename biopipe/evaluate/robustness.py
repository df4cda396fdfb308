"""How far mentions that are found in a text are still found when it is changed without changing
what it says.

After the type-consistent substitution and the noise of behavioural tests (Ribeiro et al. 2020,
CheckList).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from biopipe.document import Document, Mention
from biopipe.document.gold_labels import choose_labels
from biopipe.evaluate.gold import pair_documents, without_annotations
from biopipe.text.changes import CHANGES, Change, change_documents, substitution

__all__ = ["SUBSTITUTION", "score_robustness"]

SUBSTITUTION = "other names"

Predict = Callable[[Sequence[Document]], Sequence[Document]]


@dataclass(frozen=True, slots=True)
class _Changed:
    """A gold mention whose name a change altered, and whether it is found before and after."""

    label: str
    name: str
    altered: str
    before: bool
    after: bool


def score_robustness(
    gold: Sequence[Document],
    predict: Predict,
    names: Mapping[str, Sequence[str]],
    *,
    labels: Iterable[str] | None = None,
    seed: int = 0,
    worst: int = 10,
) -> dict[str, Any]:
    """`{"documents", "changes": {change: {..., "types": {label: {...}}, "worst": [...]}}}` over the
    gold's `labels`.

    A row's "recall" is that of the mentions whose name the change alters, "before" their recall as
    they stand in the gold, and "fall" the difference; "precision" is that of all mentions
    predicted, "precision_fall" what it loses to that before. `names` replace mentions by label.
    `worst` are the altered names that are missed most often.
    """
    scored_labels = choose_labels(gold, labels)
    kept = [_of_labels(document, scored_labels) for document in gold]
    changes: dict[str, Change] = {SUBSTITUTION: substitution(names), **CHANGES}
    altered = {
        name: change_documents(kept, change, name=name, seed=seed)
        for name, change in changes.items()
    }
    before, *after = _predictions_of(predict, [kept, *altered.values()])
    precision = _precision(kept, before, scored_labels)
    scores = {}
    for (name, documents), predicted in zip(altered.items(), after, strict=True):
        own = _precision(documents, predicted, scored_labels)
        fall = None if own is None or precision is None else precision - own
        rows = _changed(kept, documents, before, predicted)
        scores[name] = {
            **_recalls(rows),
            "precision": own,
            "precision_fall": fall,
            "types": _recalls_by_label(rows, scored_labels),
            "worst": _worst(rows, worst),
        }
    return {"documents": len(kept), "changes": scores}


def _predictions_of(
    predict: Predict, corpora: Sequence[Sequence[Document]]
) -> list[Sequence[Document]]:
    """What `predict` finds in each of `corpora`, which are equally long."""
    # One call for all: a pipeline is opened once.
    predictions = list(
        predict([without_annotations(document) for corpus in corpora for document in corpus])
    )
    size = len(corpora[0])
    return [predictions[start : start + size] for start in range(0, len(predictions), size)]


def _of_labels(document: Document, labels: Sequence[str]) -> Document:
    mentions = tuple(mention for mention in document.mentions if mention.label in labels)
    return Document(document.id, document.text, mentions=mentions)


def _changed(
    gold: Sequence[Document],
    altered: Sequence[Document],
    before: Sequence[Document],
    after: Sequence[Document],
) -> list[_Changed]:
    rows = []
    pairs = zip(pair_documents(gold, before), pair_documents(altered, after), strict=True)
    for (old, found_before), (new, found_after) in pairs:
        was, now = _spans(found_before), _spans(found_after)
        for one, other in zip(old.mentions, new.mentions, strict=True):
            name, changed = old.text[one.start : one.end], new.text[other.start : other.end]
            if name != changed:
                rows.append(
                    _Changed(one.label, name, changed, _span(one) in was, _span(other) in now)
                )
    return rows


def _span(mention: Mention) -> tuple[int, int, str]:
    return mention.start, mention.end, mention.label


def _spans(document: Document) -> set[tuple[int, int, str]]:
    return {_span(mention) for mention in document.mentions}


def _recalls(rows: Sequence[_Changed]) -> dict[str, Any]:
    if not rows:
        return {"mentions": 0, "before": None, "recall": None, "fall": None}
    before, after = (
        sum(flags) / len(rows) for flags in zip(*((r.before, r.after) for r in rows), strict=True)
    )
    return {"mentions": len(rows), "before": before, "recall": after, "fall": before - after}


def _recalls_by_label(rows: Sequence[_Changed], labels: Sequence[str]) -> dict[str, dict[str, Any]]:
    return {label: _recalls([row for row in rows if row.label == label]) for label in labels}


def _precision(
    gold: Sequence[Document], predicted: Sequence[Document], labels: Sequence[str]
) -> float | None:
    right = total = 0
    for one, other in pair_documents(gold, predicted):
        spans = {span for span in _spans(other) if span[2] in labels}
        right += len(spans & _spans(one))
        total += len(spans)
    return right / total if total else None


def _worst(rows: Sequence[_Changed], count: int) -> list[dict[str, Any]]:
    """Names that were found and are not after the change; those missed most often first."""
    lost = Counter((r.label, r.altered) for r in rows if r.before and not r.after)
    seen = Counter((r.label, r.altered) for r in rows)
    # Reversed: of several names that one was changed into the first in the text is shown.
    first = {(r.label, r.altered): r.name for r in reversed(rows)}
    ordered = sorted(lost, key=lambda key: (-lost[key], seen[key], key))[:count]
    return [
        {
            "label": key[0],
            "name": key[1],
            "was": first[key],
            "missed": lost[key],
            "mentions": seen[key],
        }
        for key in ordered
    ]
