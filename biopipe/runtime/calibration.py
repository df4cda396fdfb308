"""Model scores to probabilities by what a manifest's `calibration` says."""

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["calibrate"]


def calibrate(score: float, calibration: Mapping[str, Any], label: str = "") -> float:
    """Platt scaling (Platt 1999): sigmoid(slope * logit(score) + intercept); without calibration,
    the score itself.

    A curve of `label` under "labels" goes before the one for all.
    """
    if not calibration:
        return min(1.0, max(0.0, score))
    curve = calibration.get("labels", {}).get(label, calibration)
    clipped = min(1.0 - 1e-6, max(1e-6, score))
    logit = math.log(clipped / (1.0 - clipped))
    return 1.0 / (1.0 + math.exp(-(float(curve["slope"]) * logit + float(curve["intercept"]))))
