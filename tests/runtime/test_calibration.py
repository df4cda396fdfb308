import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.runtime.calibration import calibrate, calibrate_scores


def test_without_calibration_the_probability_stays() -> None:
    assert calibrate(0.3, {}) == 0.3
    assert calibrate(1.0000001, {}, "Gene") == 1.0


def test_platt_scaling() -> None:
    assert calibrate(0.5, {"slope": 2.0, "intercept": 1.0}) == pytest.approx(0.7310586)
    assert calibrate(0.9, {"slope": 1.0, "intercept": 0.0}) == pytest.approx(0.9)


def test_a_label_has_its_own_curve_and_others_the_one_for_all() -> None:
    calibration = {
        "method": "platt",
        "slope": 1.0,
        "intercept": 0.0,
        "labels": {"Gene": {"slope": 2.0, "intercept": 1.0, "predictions": 300}},
    }
    assert calibrate(0.5, calibration, "Gene") == pytest.approx(0.7310586)
    assert (
        calibrate(0.5, calibration, "CellLine") == calibrate(0.5, calibration) == pytest.approx(0.5)
    )


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from(["", "Gene"]))
def test_order_is_kept_and_result_is_a_probability(a: float, b: float, label: str) -> None:
    scale = {"slope": 1.7, "intercept": -0.4, "labels": {"Gene": {"slope": 0.3, "intercept": 4.0}}}
    low, high = sorted((a, b))
    assert 0.0 <= calibrate(low, scale, label) <= calibrate(high, scale, label) <= 1.0


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0, 1])), max_size=9))
def test_many_scores_at_once_are_what_each_is_alone(rows: list[tuple[float, int]]) -> None:
    scale = {"slope": 1.7, "intercept": -0.4, "labels": {"Gene": {"slope": 0.3, "intercept": 4.0}}}
    labels = ["Gene", "Disease"]
    scores = np.array([score for score, _ in rows])
    numbers = np.array([number for _, number in rows], dtype=np.int64)
    together = calibrate_scores(scores, scale, numbers, labels)
    assert together.tolist() == [calibrate(score, scale, labels[n]) for score, n in rows]
