"""The gate of all graphs: how far one may be from its checkpoint, in its outputs and in what they
decide.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import ParityError

__all__ = ["LEAST_COSINE", "GraphOutputs", "check_parity"]

# A graph's outputs for one feed, in their order.
GraphOutputs = Sequence[NDArray[np.float32]]

# The largest allowed difference of a logit; int8 is judged by its decisions alone.
LOGIT = {"fp32": 1e-3, "fp16": 0.5}

# The largest allowed share of decisions that change.
CHANGED = {"fp32": 0.001, "fp16": 0.005, "int8": 0.02}

# The smallest allowed mean cosine of vectors, or hidden states, with the checkpoint's.
LEAST_COSINE = {"fp32": 0.9999, "fp16": 0.999, "int8": 0.98}


def check_parity(
    outputs: Sequence[GraphOutputs],
    expected: Sequence[GraphOutputs],
    *,
    precision: str,
    names: Sequence[str] = (),
) -> dict[str, Any]:
    """Logit differences and the share of changed decisions, in all and by output; ModelError where
    the gate fails.

    An output after the first is a decision only where the first decides for something: nobody asks
    whether no relation is new. That of another scheme than the first is one of its own.
    """
    count = len(expected[0]) if expected else 0
    names = names or [f"output {number}" for number in range(count)]
    differences = [
        [np.abs(a - b) for a, b in zip(*each, strict=True)]
        for each in zip(outputs, expected, strict=True)
    ]
    changes = [_changed(got, want, names) for got, want in zip(outputs, expected, strict=True)]
    by_output = {
        name: _summary([d[number] for d in differences], [c[number] for c in changes])
        for number, name in enumerate(names[:count])
    }
    parity = _summary(
        [d for each in differences for d in each], [c for each in changes for c in each]
    )
    _refuse_logits(differences, precision, names)
    _refuse_changes(parity, by_output, changes, precision)
    return {**parity, **({"outputs": by_output} if count > 1 else {})}


def _summary(
    differences: Iterable[NDArray[Any]], changes: Iterable[NDArray[Any]]
) -> dict[str, Any]:
    flat = np.concatenate([each.ravel() for each in differences] or [np.zeros(0)])
    changed = np.concatenate([each.ravel() for each in changes] or [np.zeros(0)])
    return {
        "max_logit_difference": float(flat.max(initial=0.0)),
        "mean_logit_difference": float(flat.mean()) if flat.size else 0.0,
        "changed_decisions": float(changed.mean()) if changed.size else 0.0,
        "rows": int(changed.size),
    }


def _changed(
    got: GraphOutputs, want: GraphOutputs, names: Sequence[str]
) -> list[NDArray[np.bool_]]:
    """For each output which of its decisions change."""
    changes = []
    decided = np.ones(0, dtype=bool)
    for number, (a, b) in enumerate(zip(got, want, strict=True)):
        changed = a.argmax(-1) != b.argmax(-1)
        if number == 0 or not names[number].startswith("novelty"):
            # Class 0 of the first output is that there is no relation.
            decided = b.argmax(-1) > 0
            changes.append(changed)
        else:
            changes.append(changed[decided])
    return changes


def _refuse_logits(
    differences: Sequence[Sequence[NDArray[np.float32]]], precision: str, names: Sequence[str]
) -> None:
    largest = np.array([[float(d.max(initial=0.0)) for d in each] for each in differences])
    # Written so that a logit that is not a number fails too.
    if precision in LOGIT and largest.size and not largest.max() <= LOGIT[precision]:
        sample, output = np.unravel_index(int(largest.argmax()), largest.shape)
        raise ParityError(
            f"The {precision} graph differs from the checkpoint by {largest.max():.2g} on sample "
            f"{sample} in '{names[int(output)]}' (allowed {LOGIT[precision]}); the model was not "
            "written."
        )


def _refuse_changes(
    parity: Mapping[str, Any],
    by_output: Mapping[str, Mapping[str, Any]],
    changes: Sequence[Sequence[NDArray[np.bool_]]],
    precision: str,
) -> None:
    if parity["changed_decisions"] <= CHANGED[precision]:
        return
    name = max(by_output, key=lambda each: by_output[each]["changed_decisions"])
    shares = [float(np.concatenate([c.ravel() for c in each]).mean()) for each in changes]
    raise ParityError(
        f"The {precision} graph changes {parity['changed_decisions']:.2%} of decisions (allowed "
        f"{CHANGED[precision]:.1%}), most in '{name}' and on sample {int(np.nanargmax(shares))}; "
        "the model was not written, export it with a higher precision."
    )
