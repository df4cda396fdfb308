"""Model scores to probabilities by what a manifest's `calibration` says."""

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["calibrate"]


def calibrate(probability: float, calibration: Mapping[str, Any]) -> float:
    """Platt scaling (Platt 1999): sigmoid(slope * logit(p) + intercept); without calibration, p itself."""
    if not calibration:
        return min(1.0, max(0.0, probability))
    clipped = min(1.0 - 1e-6, max(1e-6, probability))
    logit = math.log(clipped / (1.0 - clipped))
    return 1.0 / (1.0 + math.exp(-(float(calibration["slope"]) * logit + float(calibration["intercept"]))))
