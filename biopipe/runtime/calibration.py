"""Model scores to probabilities by what a manifest's `calibration` says."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["calibrate", "calibrate_scores"]

# Scores of exactly 0 or 1 have no logit.
_MARGIN = 1e-6


def calibrate(score: float, calibration: Mapping[str, Any], label: str = "") -> float:
    """One score of `label` as a probability; see `calibrate_scores`."""
    numbers = np.zeros(1, dtype=np.int64)
    return float(calibrate_scores(np.array([score]), calibration, numbers, [label])[0])


def calibrate_scores(
    scores: NDArray[np.floating[Any]],
    calibration: Mapping[str, Any],
    label_numbers: NDArray[np.int64] | None = None,
    labels: Sequence[str] = (),
) -> NDArray[np.float64]:
    """Platt scaling (Platt 1999): sigmoid(slope * logit(score) + intercept); without calibration,
    the scores themselves.

    scores: (n,) in [0, 1]; label_numbers: (n,) int64 into `labels`. A curve of a label under
    "labels" goes before the one for all. Returns (n,) float64.
    """
    exact = np.asarray(scores, dtype=np.float64)
    if not calibration:
        return np.clip(exact, 0.0, 1.0)
    clipped = np.clip(exact, _MARGIN, 1.0 - _MARGIN)
    logits = np.log(clipped / (1.0 - clipped))
    own = calibration.get("labels", {})
    curves = [own.get(label, calibration) for label in labels] or [calibration]
    numbers = np.zeros(len(exact), dtype=np.int64) if label_numbers is None else label_numbers
    slopes = np.array([float(curve["slope"]) for curve in curves])[numbers]
    intercepts = np.array([float(curve["intercept"]) for curve in curves])[numbers]
    probabilities: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-(slopes * logits + intercepts)))
    return probabilities
