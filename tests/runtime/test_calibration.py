import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.runtime.calibration import calibrate


def test_without_calibration_the_probability_stays() -> None:
    assert calibrate(0.3, {}) == 0.3


def test_platt_scaling() -> None:
    assert calibrate(0.5, {"slope": 2.0, "intercept": 1.0}) == pytest.approx(0.7310586)
    assert calibrate(0.9, {"slope": 1.0, "intercept": 0.0}) == pytest.approx(0.9)


@given(st.floats(0, 1), st.floats(0, 1))
def test_order_is_kept_and_result_is_a_probability(a: float, b: float) -> None:
    scale = {"slope": 1.7, "intercept": -0.4}
    low, high = sorted((a, b))
    assert 0.0 <= calibrate(low, scale) <= calibrate(high, scale) <= 1.0
