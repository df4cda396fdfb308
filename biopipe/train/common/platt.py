"""Platt scaling (Platt 1999): the logistic curve from a model's scores to the share of right
answers.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["FEWEST", "fit_platt"]

FEWEST = 20
"""Scores that a curve is fitted to at least; two parameters from fewer follow chance."""
# A probability of 0 or 1 has no finite logit.
_LEAST_PROBABILITY = 1e-6
# exp overflows a little beyond it, and the curve is 0 or 1 to the last bit long before.
_LARGEST_SCORE = 500
# Keeps the matrix invertible where all scores are equal.
_RIDGE = 1e-6
_MOST_STEPS, _SMALL_STEP, _LEAST_STEP = 100, 1e-8, 1e-10


def fit_platt(
    probabilities: NDArray[np.float64],
    right: NDArray[np.bool_],
    counts: NDArray[np.float64] | None = None,
) -> dict[str, float]:
    """Slope and intercept of sigmoid(slope * logit(p) + intercept), by Newton's method on the log
    likelihood.

    `counts` says how many each score counts for, by default one. Targets are Platt's (n + 1) / (n +
    2) and 1 / (n + 2), so that separable scores do not run away. All three are (scores,).
    """
    clipped = np.clip(probabilities, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
    design = np.stack([np.log(clipped / (1 - clipped)), np.ones_like(clipped)], axis=1)
    counts = np.ones(len(right)) if counts is None else counts
    yes, no = float(counts[right].sum()), float(counts[~right].sum())
    target = np.where(right, (yes + 1) / (yes + 2), 1 / (no + 2))

    def loss(weights: NDArray[np.float64]) -> float:
        score = design @ weights
        return float((counts * (np.logaddexp(0, score) - target * score)).sum())

    weights = np.array([1.0, 0.0])
    for _ in range(_MOST_STEPS):
        fitted = 1 / (1 + np.exp(-np.clip(design @ weights, -_LARGEST_SCORE, _LARGEST_SCORE)))
        gradient = design.T @ (counts * (fitted - target))
        curvature = (design * (counts * fitted * (1 - fitted))[:, None]).T @ design
        curvature += _RIDGE * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        # A full Newton step overshoots where most scores are near 1; halve it until the likelihood
        # grows.
        while loss(weights - step) > loss(weights) and float(np.abs(step).max()) > _LEAST_STEP:
            step = step / 2
        weights = weights - step
        if float(np.abs(step).max()) < _SMALL_STEP:
            break
    return {"slope": float(weights[0]), "intercept": float(weights[1])}
