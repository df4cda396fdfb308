"""The gates of an exported GLiNER: its scores, the mentions they give, and the vectors of
labels.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import ParityError
from biopipe.ner.gliner_decode import Spans, choose_spans
from biopipe.ner.gliner_inputs import OUTSIDE
from biopipe.train.export.linking_parity import check_vectors
from biopipe.train.export.parity import GraphOutputs
from biopipe.train.export.tagger_parity import LEAST_MENTION_F1

__all__ = ["check_label_vectors", "check_spans"]

# The largest allowed difference of a probability; int8 is judged by its mentions alone.
SCORE = {"fp32": 1e-3, "fp16": 0.05}


def check_spans(
    outputs: Sequence[GraphOutputs],
    expected: Sequence[GraphOutputs],
    *,
    precision: str,
    names: Sequence[str] = (),
) -> dict[str, Any]:
    """Differences of logits and probabilities, and F1 of the flat mentions above 0.5 with the
    checkpoint's.

    ModelError where the gate of `precision` fails.
    """
    got, want = ([arrays[0] for arrays in side] for side in (outputs, expected))
    # Spans past the end of a text are alike in both, and would dilute the means.
    inside = [scores > OUTSIDE / 2 for scores in want]
    a, b = (
        np.concatenate([e[i] for e, i in zip(side, inside, strict=True)]) for side in (got, want)
    )
    score = np.abs(_probability(a) - _probability(b))
    parity = {
        "max_logit_difference": float(np.abs(a - b).max()),
        "mean_logit_difference": float(np.abs(a - b).mean()),
        "max_score_difference": float(score.max()),
        "mean_score_difference": float(score.mean()),
        "mention_f1": _mention_f1(got, want),
        "rows": len(a),
    }
    if not parity["max_score_difference"] <= SCORE.get(precision, 1.0):
        raise ParityError(
            f"The {precision} graph's scores differ from the checkpoint's by {score.max():.2g} "
            f"(at most {SCORE[precision]}); the model was not written, export it with a higher "
            "precision."
        )
    if parity["mention_f1"] < LEAST_MENTION_F1[precision]:
        raise ParityError(
            f"The {precision} graph's mentions have an F1 of {parity['mention_f1']:.3f} with the "
            f"checkpoint's (at least {LEAST_MENTION_F1[precision]}); the model was not written, export "
            "it with a higher precision."
        )
    return parity


def check_label_vectors(
    outputs: Sequence[GraphOutputs],
    expected: Sequence[GraphOutputs],
    *,
    precision: str,
    names: Sequence[str] = (),
) -> dict[str, Any]:
    """`check_vectors` of label vectors, which have any length."""
    sides = ([[_unit(arrays[0])] for arrays in side] for side in (outputs, expected))
    return check_vectors(*sides, precision=precision, names=names)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit


def _probability(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    # Clipped, so that exp does not overflow in float32.
    probability = 1 / (1 + np.exp(-np.clip(logits, -80, 80)))
    return probability.astype(np.float32)


def _mention_f1(got: Sequence[NDArray[np.float32]], want: Sequence[NDArray[np.float32]]) -> float:
    exported, right = (
        {
            (i, row, *span)
            for i, each in enumerate(side)
            for row, logits in enumerate(each)
            for span in _flat(logits)
        }
        for side in (got, want)
    )
    return 2 * len(exported & right) / (len(exported) + len(right)) if exported or right else 1.0


def _flat(logits: NDArray[np.float32]) -> list[tuple[int, int, int]]:
    """The mentions (first word, last word, label) of logits (words, widths, labels)."""
    first, width, label = np.nonzero(logits > 0)
    spans = Spans(first, first + width, label, _probability(logits[first, width, label]))
    return [
        (int(spans.first[n]), int(spans.last[n]), int(spans.label[n]))
        for n in choose_spans(spans, flat=True)
    ]
