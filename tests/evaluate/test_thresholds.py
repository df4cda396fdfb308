from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.errors import ConfigError
from biopipe.evaluate.thresholds import propose_thresholds
from biopipe.runtime.thresholds import counts_at_thresholds

TEXT = "x" * 400

judgements = st.lists(
    st.tuples(st.sampled_from([0.1, 0.25, 0.3, 0.5, 0.7001, 0.7002, 0.9]), st.booleans()),
    min_size=1,
    max_size=30,
)


def corpus(
    judged: list[tuple[float, bool]], missed: int = 1
) -> tuple[list[Document], list[Document]]:
    """Gold and predictions with these scores, and gold mentions that are not found."""
    found = [Mention(i, i + 1, "Gene", score) for i, (score, _) in enumerate(judged)]
    right = [m for m, (_, flag) in zip(found, judged, strict=True) if flag]
    lost = [Mention(300 + i, 301 + i, "Gene") for i in range(missed)]
    return [Document("1", TEXT, mentions=(*right, *lost))], [
        Document("1", TEXT, mentions=tuple(found))
    ]


def kept(
    judged: list[tuple[float, bool]], threshold: float, missed: int = 1
) -> tuple[float, float]:
    """F1 and precision of the mentions at or above a threshold."""
    above = [flag for score, flag in judged if score >= threshold]
    wanted = sum(flag for _, flag in judged) + missed
    return 2 * sum(above) / (len(above) + wanted), sum(above) / max(1, len(above))


@given(st.one_of(st.just([]), judgements), st.lists(st.floats(0, 1), max_size=5))
def test_answers_at_a_threshold_are_counted(
    judged: list[tuple[float, bool]], thresholds: list[float]
) -> None:
    kept, right = counts_at_thresholds(judged, np.array([*thresholds, 0.3]))
    above = [[flag for score, flag in judged if score >= t] for t in (*thresholds, 0.3)]
    assert kept.tolist() == list(map(len, above))
    assert right.tolist() == list(map(sum, above))


@given(judgements)
def test_no_other_threshold_has_a_better_f1(judged: list[tuple[float, bool]]) -> None:
    proposed = propose_thresholds(*corpus(judged))["Gene"]
    f1, precision = kept(judged, proposed["threshold"])
    assert (proposed["f1"], proposed["precision"]) == pytest.approx((f1, precision))
    assert f1 == pytest.approx(max(kept(judged, score)[0] for score, _ in judged))


@given(judgements, st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_the_lowest_threshold_with_the_precision_wanted(
    judged: list[tuple[float, bool]], precision: float
) -> None:
    proposed = propose_thresholds(*corpus(judged), precision=precision)["Gene"]
    enough = [score for score, _ in judged if kept(judged, score)[1] >= precision]
    if not enough:
        assert proposed == dict.fromkeys(("threshold", "precision", "recall", "f1"))
        return
    assert kept(judged, proposed["threshold"])[1] == pytest.approx(proposed["precision"])
    assert proposed["precision"] >= precision
    assert sum(s >= proposed["threshold"] for s, _ in judged) == sum(
        s >= min(enough) for s, _ in judged
    )


def test_where_all_mentions_are_best_nothing_is_left_out_of_other_texts() -> None:
    assert propose_thresholds(*corpus([(0.8, True), (0.4, True)]))["Gene"]["threshold"] == 0.0


def test_a_threshold_has_as_few_digits_as_it_needs() -> None:
    assert (
        propose_thresholds(*corpus([(0.8123, True), (0.4321, False)]))["Gene"]["threshold"] == 0.62
    )
    assert (
        propose_thresholds(*corpus([(0.7002, True), (0.7001, False)]))["Gene"]["threshold"]
        == 0.7002
    )


def test_labels_that_are_never_found_and_a_precision_that_cannot_be() -> None:
    gold, predicted = corpus([(0.8, True)])
    nothing = [replace(document, mentions=()) for document in predicted]
    assert propose_thresholds(gold, nothing)["Gene"]["threshold"] is None
    with pytest.raises(ConfigError, match=r"precision of 1\.5 is wanted; give a share"):
        propose_thresholds(gold, predicted, precision=1.5)
