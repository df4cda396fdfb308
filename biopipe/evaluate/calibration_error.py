"""How far scores are from the share of right answers."""

from collections.abc import Sequence

import numpy as np

__all__ = ["expected_calibration_error"]


def expected_calibration_error(
    scored: Sequence[tuple[float, bool]], *, bins: int = 10
) -> float | None:
    """Mean distance of score and accuracy over bins of equal width, weighted by size (Guo et al.
    2017).

    Takes (score in [0, 1], right) for each answer; None without answers.
    """
    if not scored:
        return None
    scores = np.array([score for score, _ in scored], dtype=np.float64)
    right = np.array([flag for _, flag in scored], dtype=np.float64)
    # A score of 1.0 belongs to the last bin.
    which = np.minimum((scores * bins).astype(np.int64), bins - 1)
    # The sum of (score - right) in a bin is its size times the distance of the two means.
    gaps = np.bincount(which, weights=scores - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(scores))
