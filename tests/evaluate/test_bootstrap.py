import numpy as np
import pytest

from biopipe.evaluate.bootstrap import count, f1, interval, resample, score_groups


def test_count_is_set_arithmetic_per_document():
    assert count([{1, 2}, set(), {3}], [{2, 4, 5}, set(), {3}]).tolist() == [
        [1, 2, 1],
        [0, 0, 0],
        [1, 0, 0],
    ]


def test_count_without_documents():
    assert count([], []).shape == (0, 3)


def test_f1_is_harmonic_mean_and_zero_without_anything():
    assert f1(np.array([6, 2, 4])) == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))
    assert f1(np.array([[0, 0, 0], [0, 3, 0]])).tolist() == [0, 0]


def test_resample_draws_whole_documents():
    counts = np.array([[1, 10], [2, 20], [3, 30]])
    sums = resample(counts, resamples=200)
    assert sums.shape == (200, 2)
    assert (sums[:, 1] == 10 * sums[:, 0]).all()
    assert sums[:, 0].min() >= 3
    assert sums[:, 0].max() <= 9
    assert len(set(sums[:, 0].tolist())) == 7


def test_resample_mean_is_the_sum():
    counts = np.arange(50).reshape(50, 1)
    assert resample(counts, resamples=4000).mean() == pytest.approx(counts.sum(), rel=0.01)


def test_interval_is_the_middle_95_percent():
    assert interval(np.arange(1001, dtype=np.float64)) == [25.0, 975.0]
    assert interval(np.array([])) is None


def test_interval_of_a_proportion_matches_theory():
    # 400 documents with one item each, a quarter missed: F1 of recall 0.75 and precision 1 is
    # 0.857.
    counts = np.array([[1, 0, 0]] * 300 + [[0, 0, 1]] * 100)
    scores = score_groups({"all": counts})["all"]
    low, high = scores["ci95"]
    deviation = np.sqrt(0.75 * 0.25 / 400)
    expected = [2 * r / (1 + r) for r in (0.75 - 1.96 * deviation, 0.75 + 1.96 * deviation)]
    assert [low, high] == pytest.approx(expected, abs=0.006)


def test_groups_share_their_resamples_and_the_seed_fixes_them():
    counts = np.array([[3, 1, 0], [0, 2, 2], [5, 0, 1]])
    first = score_groups({"a": counts, "b": counts})
    assert first["a"] == first["b"]
    assert first == score_groups({"a": counts, "b": counts})
    assert first["a"]["ci95"] != score_groups({"a": counts}, seed=3, bootstrap=17)["a"]["ci95"]


def test_scores_of_a_group():
    scores = score_groups({"a": np.array([[6, 2, 0], [0, 0, 4]])}, bootstrap=0)["a"]
    f = 2 * 0.75 * 0.6 / (0.75 + 0.6)
    assert scores == {
        "precision": 0.75,
        "recall": 0.6,
        "f1": pytest.approx(f),
        "tp": 6,
        "fp": 2,
        "fn": 4,
        "ci95": None,
    }
