from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.evaluate.mention_scores import score_ner

LABELS = ("Gene", "Disease", "Chemical")
TEXT = "abcdefghij" * 3


def document(*spans, id="a"):
    return Document(id, TEXT, mentions=tuple(Mention(*span) for span in spans))


def test_counts_exact_spans_and_labels():
    gold = [document((0, 3, "Gene"), (5, 8, "Gene"), (10, 12, "Disease"))]
    predicted = [document((0, 3, "Gene"), (5, 9, "Gene"), (10, 12, "Gene"))]
    scores = score_ner(gold, predicted)
    assert scores["documents"] == 1
    assert (scores["micro"]["tp"], scores["micro"]["fp"], scores["micro"]["fn"]) == (1, 2, 2)
    assert scores["types"]["Gene"]["precision"] == pytest.approx(1 / 3)
    assert scores["types"]["Gene"]["recall"] == 0.5
    assert scores["types"]["Disease"]["f1"] == 0


def test_labels_the_gold_does_not_annotate_are_no_errors():
    gold = [document((0, 3, "Disease")), document(id="b")]
    predicted = [document((0, 3, "Disease"), (4, 6, "Gene")), document((0, 1, "Gene"), id="b")]
    assert score_ner(gold, predicted)["micro"]["f1"] == 1


def test_chosen_labels_alone_count():
    gold = [document((0, 3, "Disease"), (5, 6, "Gene"))]
    scores = score_ner(gold, [document((5, 6, "Gene"))], labels=["Gene"])
    assert scores["micro"]["f1"] == 1
    assert list(scores["types"]) == ["Gene"]


def test_a_span_annotated_twice_counts_once():
    twice = document((0, 3, "Gene"), (0, 3, "Gene"))
    assert score_ner([twice], [document((0, 3, "Gene"))])["micro"]["fn"] == 0
    assert score_ner([document((0, 3, "Gene"))], [twice])["micro"]["fp"] == 0


spans = st.tuples(st.integers(0, 12), st.integers(1, 4), st.sampled_from(LABELS)).map(
    lambda s: (s[0], s[0] + s[1], s[2])
)


def _flat(spans):
    """Spans without overlap: nervaluate pairs overlapping spans by its own rules."""
    taken, kept = set(), []
    for start, end, label in spans:
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            kept.append((start, end, label))
    return kept


side = st.lists(spans, max_size=6).map(_flat)
corpora = st.lists(st.tuples(side, side), min_size=1, max_size=5)


@settings(max_examples=60)
@given(corpora)
def test_agrees_with_nervaluate(pairs):
    nervaluate = pytest.importorskip("nervaluate", reason="nervaluate 1.2 needs Python 3.11")
    assume(any(gold for gold, _ in pairs))
    gold = [document(*g, id=str(i)) for i, (g, _) in enumerate(pairs)]
    predicted = [replace(document(*p), id=str(i)) for i, (_, p) in enumerate(pairs)]
    ours = score_ner(gold, predicted, bootstrap=0)
    annotated = list(ours["types"])
    # nervaluate takes inclusive ends.
    theirs = nervaluate.Evaluator(
        *(
            [[{"start": s, "end": e - 1, "label": label} for s, e, label in doc] for doc in one]
            for one in zip(*pairs, strict=True)
        ),
        tags=annotated,
        loader="dict",
    ).evaluate()
    for mine, other in [
        (ours["micro"], theirs["overall"]["strict"]),
        *((ours["types"][label], theirs["entities"][label]["strict"]) for label in annotated),
    ]:
        assert mine["tp"] == other.correct
        assert mine["f1"] == pytest.approx(other.f1)
        assert mine["precision"] == pytest.approx(other.precision)
        assert mine["recall"] == pytest.approx(other.recall)


def test_calibration_error_is_of_the_mentions_scored():
    gold = [document((0, 3, "Gene"), (5, 8, "Disease"))]
    found = [
        document(
            (0, 3, "Gene", 0.9), (0, 3, "Gene", 0.7), (4, 6, "Gene", 0.5), (5, 8, "Disease", 0.8)
        )
    ]
    scores = score_ner(gold, found)
    assert scores["types"]["Gene"]["ece"] == pytest.approx((0.1 + 0.5) / 2)
    assert scores["types"]["Disease"]["ece"] == pytest.approx(0.2)
    assert scores["micro"]["ece"] == pytest.approx((0.1 + 0.5 + 0.2) / 3)


def test_mentions_without_scores_have_no_calibration_error():
    scores = score_ner([document((0, 3, "Gene"))], [document((0, 3, "Gene"), (4, 6, "Gene"))])
    assert scores["micro"]["ece"] is None
