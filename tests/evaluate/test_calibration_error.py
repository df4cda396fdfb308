import pytest

from biopipe.evaluate.calibration_error import expected_calibration_error


def test_perfectly_calibrated_answers():
    scored = [(0.75, right) for right in (True, True, True, False)] + [(1.0, True)]
    assert expected_calibration_error(scored) == pytest.approx(0)


def test_weights_bins_by_their_size():
    scored = [(0.95, False)] + [(0.15, False)] * 3
    assert expected_calibration_error(scored) == pytest.approx((0.95 + 3 * 0.15) / 4)


def test_errors_in_one_bin_cancel_and_across_bins_do_not():
    assert expected_calibration_error([(0.5, True), (0.5, False)]) == 0
    assert expected_calibration_error([(0.2, True), (0.8, False)]) == pytest.approx(0.8)


def test_no_answers():
    assert expected_calibration_error([]) is None
