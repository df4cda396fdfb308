"""Scores of annotated notes against the marks of `tests/golden/marked_notes.py`."""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from record import PROJECT

from biopipe.document import Document, Mention
from biopipe.document.labels import (
    CHEMICAL,
    DISEASE,
    FAMILY,
    HISTORICAL,
    HYPOTHETICAL,
    NEGATED,
    PHENOTYPE,
    POSSIBLE,
)

sys.path.insert(0, str(PROJECT / "tests" / "golden"))
from marked_notes import GoldMedication, GoldNote, GoldValue, read_notes

__all__ = [
    "GoldNote",
    "f1",
    "read_notes",
    "score_assertions_of",
    "score_notes",
    "score_sections_of",
]

PROBLEMS = {DISEASE, PHENOTYPE, "Problem"}
DRUGS = {CHEMICAL, "Medication"}
_CONTEXT = {FAMILY, HISTORICAL, HYPOTHETICAL, NEGATED, POSSIBLE}
Span = tuple[int, int]


def score_notes(notes: Sequence[GoldNote], documents: Sequence[Document]) -> dict[str, Any]:
    """Precision, recall and F1 in percent of each kind of thing that the notes mark.

    Overlap: one character in common, one to one, in order of the text. An attribute is right
    where its kind is, its span overlaps and its drug is the right one; a value where it and its
    test are. Assertions and statuses are those of the problems and medications that were found.
    """
    pairs = list(zip(notes, documents, strict=True))
    return {
        "notes": len(notes),
        "problems_strict": f1(_sets(pairs, _gold_problems, _problems)),
        "problems_overlap": _overlap(pairs, _gold_problems, _problems),
        "medications_strict": f1(_sets(pairs, _gold_drugs, _drugs)),
        "medications_overlap": _overlap(pairs, _gold_drugs, _drugs),
        "attributes": _attributes(pairs),
        "statuses": _statuses(pairs),
        "values": _values(pairs),
        "assertions": score_assertions_of(
            notes, [[(m, m.assertion) for m in _problem_mentions(d)] for d in documents]
        ),
        "sections": score_sections_of(
            notes, [[(s.category, s.start) for s in d.sections or ()] for d in documents]
        ),
    }


def f1(pairs: Iterable[tuple[set[Any], set[Any]]]) -> dict[str, float]:
    """Of pairs of what is right and what was found."""
    right = wanted = predicted = 0
    for gold, answer in pairs:
        right, wanted, predicted = (
            right + len(gold & answer), wanted + len(gold), predicted + len(answer)
        )  # fmt: skip
    return _rates(right, wanted, predicted)


def _rates(right: int, wanted: int, predicted: int) -> dict[str, float]:
    precision = right / predicted if predicted else 0.0
    recall = right / wanted if wanted else 0.0
    both = precision + recall
    return {
        "gold": wanted,
        "precision": round(100 * precision, 1),
        "recall": round(100 * recall, 1),
        "f1": round(200 * precision * recall / both, 1) if both else 0.0,
    }


Pairs = Sequence[tuple[GoldNote, Document]]


def _sets(pairs: Pairs, gold: Any, answer: Any) -> Iterable[tuple[set[Span], set[Span]]]:
    return ((set(gold(note)), set(answer(document))) for note, document in pairs)


def _gold_problems(note: GoldNote) -> list[Span]:
    return [(problem.start, problem.end) for problem in note.problems]


def _problem_mentions(document: Document) -> list[Mention]:
    return [mention for mention in document.mentions if mention.label in PROBLEMS]


def _problems(document: Document) -> list[Span]:
    return [(mention.start, mention.end) for mention in _problem_mentions(document)]


def _gold_drugs(note: GoldNote) -> list[Span]:
    return [(drug.start, drug.end) for drug in note.medications]


def _drugs(document: Document) -> list[Span]:
    """Those of the medications, and drugs that are mentions only."""
    spans = {(drug.start, drug.end) for drug in getattr(document, "medications", ()) or ()}
    for mention in document.mentions:
        span = (mention.start, mention.end)
        if mention.label in DRUGS and not any(_overlaps(span, other) for other in spans):
            spans.add(span)
    return sorted(spans)


def _overlaps(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _matches(gold: Sequence[Span], answer: Sequence[Span]) -> list[tuple[int, int]]:
    """Indices of gold and answer that overlap, each used once."""
    free = set(range(len(answer)))
    matched = []
    for index, span in enumerate(gold):
        # The exact one first.
        for place in sorted(free, key=lambda i: (answer[i] != span, answer[i])):
            if _overlaps(span, answer[place]):
                matched.append((index, place))
                free.discard(place)
                break
    return matched


def _overlap(pairs: Pairs, gold: Any, answer: Any) -> dict[str, float]:
    right = wanted = predicted = 0
    for note, document in pairs:
        expected, given = gold(note), answer(document)
        right += len(_matches(expected, given))
        wanted += len(expected)
        predicted += len(given)
    return _rates(right, wanted, predicted)


def _same_kind(kind: str) -> str:
    # A note says either how strong a tablet is or how much is taken.
    return "strength" if kind == "dose" else kind


def _attributes(pairs: Pairs) -> dict[str, float]:
    right = wanted = predicted = 0
    for note, document in pairs:
        answer = [
            (_same_kind(attribute.kind), (attribute.start, attribute.end), (drug.start, drug.end))
            for drug in getattr(document, "medications", ()) or ()
            for attribute in drug.attributes
        ]
        predicted += len(answer)
        for drug in note.medications:
            for kind, start, end in drug.attributes:
                wanted += 1
                right += any(_is_attribute(one, kind, (start, end), drug) for one in answer)
    return _rates(right, wanted, predicted)


def _is_attribute(
    answer: tuple[str, Span, Span], kind: str, span: Span, drug: GoldMedication
) -> bool:
    return (
        answer[0] == kind
        and _overlaps(answer[1], span)
        and _overlaps(answer[2], (drug.start, drug.end))
    )


def _statuses(pairs: Pairs) -> dict[str, Any]:
    right: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for note, document in pairs:
        answer = list(getattr(document, "medications", ()) or ())
        spans = [(drug.start, drug.end) for drug in answer]
        for gold, place in _matches(_gold_drugs(note), spans):
            status = note.medications[gold].status
            wanted[status] += 1
            right[status] += answer[place].status == status
    total = wanted.total()
    return {
        "found": total,
        "right": round(100 * right.total() / total, 1) if total else 0.0,
        "by_status": {name: f"{right[name]} of {count}" for name, count in sorted(wanted.items())},
    }


def _values(pairs: Pairs) -> dict[str, float]:
    right = wanted = predicted = 0
    for note, document in pairs:
        answer = list(getattr(document, "measurements", ()) or ())
        predicted += len(answer)
        wanted += len(note.values)
        right += sum(any(_is_value(one, value) for one in answer) for value in note.values)
    return _rates(right, wanted, predicted)


def _is_value(answer: Any, value: GoldValue) -> bool:
    return _overlaps((answer.start, answer.end), value.test) and _overlaps(
        (answer.value_start, answer.value_end), value.value
    )


def score_assertions_of(
    notes: Sequence[GoldNote], answers: Sequence[Sequence[tuple[Mention, frozenset[str]]]]
) -> dict[str, Any]:
    """How many of the problems that were found have just the right assertions, and F1 of each.

    "historical" counts only of what is neither denied nor a relative's.
    """
    counts: dict[str, Counter[str]] = {}
    exact = total = 0
    for note, answer in zip(notes, answers, strict=True):
        spans = [(mention.start, mention.end) for mention, _ in answer]
        for gold, place in _matches(_gold_problems(note), spans):
            expected, given = _settled(note.problems[gold].assertion), _settled(answer[place][1])
            total += 1
            exact += expected == given
            for name in expected | given:
                counts.setdefault(name, Counter()).update(
                    gold=name in expected, predicted=name in given, right=name in expected & given
                )
    return {
        "found": total,
        "all_right": round(100 * exact / total, 1) if total else 0.0,
        "by_assertion": {
            name: _rates(count["right"], count["gold"], count["predicted"])
            for name, count in sorted(counts.items())
        },
    }


def _settled(assertion: frozenset[str]) -> frozenset[str]:
    """Those of ConText's five; whether what is denied, or is a relative's, is in the past is nobody's
    question.
    """
    of_context = assertion & _CONTEXT
    return of_context - {HISTORICAL} if of_context & {NEGATED, FAMILY} else of_context


def score_sections_of(
    notes: Sequence[GoldNote], answers: Sequence[Sequence[tuple[str, int]]]
) -> dict[str, float]:
    """Sections that begin where they should with the right category."""
    return f1(
        (set(note.sections), set(answer)) for note, answer in zip(notes, answers, strict=True)
    )
