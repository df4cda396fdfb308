"""Linking of gold mentions to concepts: recall at k, coverage by the knowledge base, NIL and
calibration.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from biopipe.document import Document, Mention
from biopipe.document.gold_labels import choose_labels
from biopipe.errors import InputError
from biopipe.evaluate.bootstrap import interval, resample
from biopipe.evaluate.calibration_error import expected_calibration_error
from biopipe.evaluate.canonical_ids import LabelledSpan, bare, bare_ids, linked_spans
from biopipe.evaluate.gold import pair_documents

__all__ = ["Known", "score_linking"]

# Says whether the knowledge base of a mention label has a concept id.
Known = Callable[[str, str], bool]
# 20 is what the linker keeps of candidates.
TOP = (1, 5, 20)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the linker said of one gold mention; `linked` is None where the mention was not
    found.
    """

    document: int
    label: str
    gold: frozenset[str]
    linked: frozenset[str] | None
    ranked: tuple[str, ...]
    score: float | None
    known: frozenset[str]


def score_linking(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    *,
    known: Known | None = None,
    labels: Iterable[str] | None = None,
    bootstrap: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """`{"mentions", "coverage", "recall@1", "recall@5", "recall@20", "accuracy", "nil", "ece",
    ...}`.

    mentions: the gold mentions that have concept ids. recall@k: the share of them with all their
    ids among the first k candidates, or as many as they have ids; `ci95` is the interval of
    recall@1. coverage: the share of them whose ids are all in the knowledge base; None without
    `known`. accuracy: the share of all gold mentions whose linked ids are the gold's, none for NIL.
    nil: a gold mention is NIL when the knowledge base knows none of its ids. ece: calibration error
    of the first linked concept's score; None where no mention has one. types: the same for each
    label. InputError for a gold without linked mentions.
    """
    scored_labels = choose_labels(gold, labels)
    pairs = pair_documents(gold, predicted)
    answers = [a for i, (g, p) in enumerate(pairs) for a in _answers(i, g, p, scored_labels, known)]
    if not any(answer.gold for answer in answers):
        raise InputError(
            "No gold mention has a concept id; give a gold standard with linked mentions."
        )
    by_label = {label: [a for a in answers if a.label == label] for label in scored_labels}
    return {
        **_summary(answers, coverage=known is not None),
        "ci95": _recall_interval(answers, len(pairs), bootstrap, seed),
        "types": {
            label: _summary(by_label[label], coverage=known is not None) for label in scored_labels
        },
    }


def _answers(
    index: int, gold: Document, predicted: Document, labels: Iterable[str], known: Known | None
) -> list[_Answer]:
    predicted_mentions = {(m.start, m.end, m.label): m for m in predicted.mentions}
    in_base = _known_ids(gold, known)
    answers = []
    for span, ids in linked_spans(gold, labels).items():
        mention = predicted_mentions.get(span)
        answers.append(
            _Answer(
                document=index,
                label=span[2],
                gold=ids,
                linked=None if mention is None else bare_ids(mention.concept_ids),
                ranked=() if mention is None else _ranked(mention),
                score=None if mention is None else _score(mention),
                known=in_base[span],
            )
        )
    return answers


def _known_ids(gold: Document, known: Known | None) -> dict[LabelledSpan, frozenset[str]]:
    """The ids of each span that the knowledge base has; all of them if there is none to ask."""
    ids_by_span: dict[LabelledSpan, frozenset[str]] = {}
    for m in gold.mentions:
        ids = (
            c
            for c in m.concept_ids
            if known is None or known(m.label, c) or known(m.label, bare(c))
        )
        span = (m.start, m.end, m.label)
        ids_by_span[span] = ids_by_span.get(span, frozenset()) | bare_ids(ids)
    return ids_by_span


def _ranked(mention: Mention) -> tuple[str, ...]:
    """The linked ids, then the other candidates in order."""
    ids = (*mention.concept_ids, *(candidate.concept_id for candidate in mention.candidates))
    return tuple(dict.fromkeys(bare(concept_id) for concept_id in ids))


def _score(mention: Mention) -> float | None:
    """The score of the first linked concept; None for NIL, or where the candidates were not
    kept.
    """
    first = mention.concept_ids[:1]
    return next((c.score for c in mention.candidates if (c.concept_id,) == first), None)


def _summary(answers: Sequence[_Answer], *, coverage: bool) -> dict[str, Any]:
    linked = [answer for answer in answers if answer.gold]
    scored = [(a.score, a.linked == a.gold) for a in answers if a.score is not None]
    recall = {f"recall@{k}": _share([_hit(answer, k) for answer in linked]) for k in TOP}
    return {
        "mentions": len(linked),
        "coverage": _share([answer.known == answer.gold for answer in linked])
        if coverage
        else None,
        **recall,
        "accuracy": _share([answer.linked == answer.gold for answer in answers]),
        "nil": _nil(answers),
        "ece": expected_calibration_error(scored),
    }


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / max(len(flags), 1)


def _hit(answer: _Answer, k: int) -> bool:
    # A composite mention has several right ids, which no single place could hold.
    return answer.gold <= set(answer.ranked[: max(k, len(answer.gold))])


def _nil(answers: Sequence[_Answer]) -> dict[str, float | int]:
    # NIL is what the knowledge base lacks, not only what the gold leaves without an id.
    gold = [not answer.known for answer in answers]
    says_nil = [answer.linked is not None and not answer.linked for answer in answers]
    tp = sum(g and s for g, s in zip(gold, says_nil, strict=True))
    fp, fn = sum(says_nil) - tp, sum(gold) - tp
    return {
        "precision": tp / max(tp + fp, 1),
        "recall": tp / max(tp + fn, 1),
        "f1": 2 * tp / max(2 * tp + fp + fn, 1),
        "tp": tp,
        "fp": fp,
        "fn": fn,
    }


def _recall_interval(
    answers: Sequence[_Answer], documents: int, bootstrap: int, seed: int
) -> list[float] | None:
    counts = np.zeros((documents, 2), dtype=np.int64)
    for answer in answers:
        if answer.gold:
            counts[answer.document] += (_hit(answer, 1), 1)
    drawn = resample(counts, resamples=bootstrap, seed=seed)
    return interval(drawn[:, 0] / np.maximum(drawn[:, 1], 1))
