"""Thresholds of scores by label: one number for all, or a mapping over a model's own; and
what is left of scored answers at each of several thresholds.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import ConfigError

__all__ = ["counts_at_thresholds", "label_thresholds"]


def label_thresholds(
    wanted: float | Mapping[str, float] | None, defaults: Mapping[str, float], *, owner: str
) -> dict[str, float]:
    """The threshold of each label of `defaults`: `wanted` for all, or where it names the label.

    `owner` is what errors call the model. ConfigError for a label that `defaults` lacks and for a
    threshold outside of [0, 1].
    """
    named = dict.fromkeys(defaults, wanted) if isinstance(wanted, int | float) else wanted or {}
    for label, threshold in named.items():
        if label not in defaults:
            raise ConfigError(
                f"Unknown label '{label}' in the thresholds of {owner}; its labels are: "
                f"{', '.join(defaults)}."
            )
        if not 0.0 <= float(threshold) <= 1.0:
            raise ConfigError(
                f"The threshold of {owner} for '{label}' is {threshold}; give a number from 0 to 1."
            )
    return {label: float(named.get(label, default)) for label, default in defaults.items()}


def counts_at_thresholds(
    judged: Sequence[tuple[float, bool]], thresholds: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many answers, (score, right) each, are at least at each of `thresholds`, and how many of
    these are right: both (thresholds,) int64.
    """
    ordered = sorted(judged)
    scores = np.array([score for score, _ in ordered], dtype=np.float64)
    right_from = np.append(
        np.cumsum([right for _, right in ordered][::-1], dtype=np.int64)[::-1], 0
    )
    first = np.searchsorted(scores, thresholds, side="left")
    return len(ordered) - first, right_from[first]
