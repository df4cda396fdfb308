"""The gates of the linker's models: vectors of names, and scores of candidates."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import ParityError
from biopipe.train.export.parity import LEAST_COSINE, GraphOutputs

__all__ = ["check_scores", "check_vectors"]

# The largest allowed mean difference of a cross-encoder's scores, in standard deviations of its
# own, and the smallest share of pairs of candidates in the same order; nearer ones than NEAR
# standard deviations are no order.
SCORE_DIFFERENCE = {"fp32": 0.001, "fp16": 0.02, "int8": 0.25}
SAME_ORDER = {"fp32": 0.999, "fp16": 0.99, "int8": 0.9}
NEAR = 0.1


def check_vectors(
    outputs: Sequence[GraphOutputs],
    expected: Sequence[GraphOutputs],
    *,
    precision: str,
    names: Sequence[str] = (),
) -> dict[str, Any]:
    """Smallest and mean cosine of unit vectors with the checkpoint's, and how many have another
    nearest neighbour.

    ModelError where the mean cosine falls below the gate of `precision`.
    """
    got, want = (np.concatenate([arrays[0] for arrays in side]) for side in (outputs, expected))
    cosine = (got * want).sum(axis=1)
    parity = {
        "mean_cosine": float(cosine.mean()),
        "min_cosine": float(cosine.min()),
        "changed_neighbours": float(np.mean(_nearest(got, want) != _nearest(want, want))),
        "rows": len(got),
    }
    # Written so that a mean that is not a number fails too.
    if not parity["mean_cosine"] >= LEAST_COSINE[precision]:
        raise ParityError(
            f"The {precision} graph's vectors have a mean cosine of {parity['mean_cosine']:.4f} "
            f"with the checkpoint's (at least {LEAST_COSINE[precision]}), the worst is number "
            f"{int(cosine.argmin())}; the model was not written, export it with a higher precision."
        )
    return parity


def _nearest(queries: NDArray[np.float32], stored: NDArray[np.float32]) -> NDArray[np.int64]:
    """The nearest other row of `stored` to each query."""
    similarity = queries @ stored.T
    # Below any cosine: nothing is its own neighbour.
    np.fill_diagonal(similarity, -2.0)
    nearest: NDArray[np.int64] = similarity.argmax(axis=1)
    return nearest


def check_scores(
    outputs: Sequence[GraphOutputs],
    expected: Sequence[GraphOutputs],
    *,
    precision: str,
    groups: Sequence[int] = (),
    names: Sequence[str] = (),
) -> dict[str, Any]:
    """How far scores are from the checkpoint's, and how often two candidates of one mention keep
    their order.

    `groups` are how many consecutive scores belong to one mention; by default all do. ParityError,
    a ModelError, where either passes the gate of `precision`.
    """
    got, want = (np.concatenate([arrays[0] for arrays in side]) for side in (outputs, expected))
    # Equal scores have no spread to divide by.
    spread = float(want.std()) or 1.0
    difference = np.abs(got - want)
    parity = {
        "max_logit_difference": float(difference.max()),
        "mean_logit_difference": float(difference.mean()),
        "mean_difference_in_spreads": float(difference.mean()) / spread,
        "same_order": _same_order(got, want, groups or [len(want)], spread),
        "rows": len(got),
    }
    if not parity["mean_difference_in_spreads"] <= SCORE_DIFFERENCE[precision]:
        raise ParityError(
            f"The {precision} graph's scores differ from the checkpoint's by "
            f"{parity['mean_difference_in_spreads']:.3f} of their spread on average (at most "
            f"{SCORE_DIFFERENCE[precision]}), most on sample {int(difference.argmax())}; the "
            "model was not written, export it with a higher precision."
        )
    if parity["same_order"] < SAME_ORDER[precision]:
        raise ParityError(
            f"The {precision} graph keeps the order of {parity['same_order']:.1%} of pairs of "
            f"candidates (at least {SAME_ORDER[precision]:.1%}); the model was not written, "
            "export it with a higher precision."
        )
    return parity


def _same_order(
    got: NDArray[np.float32], want: NDArray[np.float32], groups: Sequence[int], spread: float
) -> float:
    same, start = [], 0
    for size in groups:
        a, b = got[start : start + size], want[start : start + size]
        first, second = np.triu_indices(size, 1)
        apart = np.abs(b[first] - b[second]) > NEAR * spread
        same.append(((a[first] > a[second]) == (b[first] > b[second]))[apart])
        start += size
    answers = np.concatenate(same)
    return float(answers.mean()) if answers.size else 1.0
