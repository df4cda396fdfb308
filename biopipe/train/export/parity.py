"""The gates: how far an exported graph may be from its checkpoint, in its outputs and in what they
decide.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import ModelError
from biopipe.ner.decode import decode, word_scores
from biopipe.ner.labels import TagSet

__all__ = ["check_parity", "check_scores", "check_tags", "check_vectors"]

Outputs = Sequence[NDArray[np.float32]]

# The largest allowed difference of a logit; int8 is judged by its decisions alone.
LOGIT = {"fp32": 1e-3, "fp16": 0.5}

# The largest allowed share of decisions that change, and the smallest F1 of a tagger's mentions
# with the checkpoint's.
CHANGED = {"fp32": 0.001, "fp16": 0.005, "int8": 0.02}
MENTION_F1 = {"fp32": 0.99, "fp16": 0.97, "int8": 0.85}

# The smallest allowed mean cosine of vectors, or hidden states, with the checkpoint's.
COSINE = {"fp32": 0.9999, "fp16": 0.999, "int8": 0.98}

# The largest allowed mean difference of a cross-encoder's scores, in standard deviations of its
# own, and the smallest share of pairs of candidates in the same order; nearer ones than NEAR
# standard deviations are no order.
SCORE_DIFFERENCE = {"fp32": 0.001, "fp16": 0.02, "int8": 0.25}
SAME_ORDER = {"fp32": 0.999, "fp16": 0.99, "int8": 0.9}
NEAR = 0.1


def check_parity(
    outputs: Sequence[Outputs],
    expected: Sequence[Outputs],
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


def _changed(got: Outputs, want: Outputs, names: Sequence[str]) -> list[NDArray[np.bool_]]:
    """For each output which of its decisions change."""
    found = []
    decided = np.ones(0, dtype=bool)
    for number, (a, b) in enumerate(zip(got, want, strict=True)):
        changed = a.argmax(-1) != b.argmax(-1)
        if number == 0 or not names[number].startswith("novelty"):
            decided = b.argmax(-1) > 0
            found.append(changed)
        else:
            found.append(changed[decided])
    return found


def _refuse_logits(
    differences: Sequence[Sequence[NDArray[np.float32]]], precision: str, names: Sequence[str]
) -> None:
    largest = np.array([[float(d.max(initial=0.0)) for d in each] for each in differences])
    # Written so that a logit that is not a number fails too.
    if precision in LOGIT and largest.size and not largest.max() <= LOGIT[precision]:
        sample, output = np.unravel_index(int(largest.argmax()), largest.shape)
        raise ModelError(
            f"The {precision} graph differs from the checkpoint by {largest.max():.2g} on sample {sample} in "
            f"'{names[int(output)]}' (allowed {LOGIT[precision]}); the model was not written."
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
    raise ModelError(
        f"The {precision} graph changes {parity['changed_decisions']:.2%} of decisions (allowed "
        f"{CHANGED[precision]:.1%}), most in '{name}' and on sample {int(np.nanargmax(shares))}; the model was not "
        "written, export it with a higher precision."
    )


def check_tags(
    outputs: Sequence[Outputs],
    expected: Sequence[Outputs],
    *,
    precision: str,
    tags: TagSet,
    names: Sequence[str] = (),
) -> dict[str, Any]:
    """Parity of a tagger's logits, of the mentions they give, and of the hidden states where it
    gives them.
    """
    parity = check_parity(
        [e[:1] for e in outputs], [e[:1] for e in expected], precision=precision, names=names
    )
    parity["mention_f1"] = _mention_f1([e[0] for e in outputs], [e[0] for e in expected], tags)
    if parity["mention_f1"] < MENTION_F1[precision]:
        raise ModelError(
            f"The {precision} graph's mentions have an F1 of {parity['mention_f1']:.3f} with the checkpoint's (at "
            f"least {MENTION_F1[precision]}); the model was not written, export it with a higher precision."
        )
    pairs = [(a[1], b[1]) for a, b in zip(outputs, expected, strict=True) if len(a) > 1]
    return {**parity, **(_check_states(pairs, precision) if pairs else {})}


def _mention_f1(
    got: Sequence[NDArray[np.float32]], want: Sequence[NDArray[np.float32]], tags: TagSet
) -> float:
    """F1 of the mentions in `got` with those in `want`, every piece a word of its own."""
    found, right = (
        {(i, s.first, s.last, s.label) for i, e in enumerate(side) for s in _spans(e[0], tags)}
        for side in (got, want)
    )
    return 2 * len(found & right) / (len(found) + len(right)) if found or right else 1.0


def _spans(logits: NDArray[np.float32], tags: TagSet) -> list[Any]:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return list(decode(word_scores(log_probs, np.arange(len(logits)), tags)))


def _check_states(
    pairs: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]], precision: str
) -> dict[str, Any]:
    got, want = (
        np.concatenate([each.reshape(-1, each.shape[-1]) for each in side])
        for side in zip(*pairs, strict=True)
    )
    cosine = (got * want).sum(-1) / (np.linalg.norm(got, axis=-1) * np.linalg.norm(want, axis=-1))
    if not cosine.mean() >= COSINE[precision]:
        raise ModelError(
            f"The {precision} graph's 'states' have a mean cosine of {cosine.mean():.4f} with the checkpoint's (at "
            f"least {COSINE[precision]}); the model was not written, export it with a higher precision."
        )
    return {"states_mean_cosine": float(cosine.mean()), "states_min_cosine": float(cosine.min())}


def check_vectors(
    outputs: Sequence[Outputs],
    expected: Sequence[Outputs],
    *,
    precision: str,
    names: Sequence[str] = (),
) -> dict[str, Any]:
    """Smallest and mean cosine of unit vectors with the checkpoint's, and how many have another
    nearest neighbour.

    ModelError where the mean cosine falls below the gate of `precision`.
    """
    got, want = (np.concatenate([each[0] for each in side]) for side in (outputs, expected))
    cosine = (got * want).sum(axis=1)
    parity = {
        "mean_cosine": float(cosine.mean()),
        "min_cosine": float(cosine.min()),
        "changed_neighbours": float(np.mean(_nearest(got, want) != _nearest(want, want))),
        "rows": len(got),
    }
    if not parity["mean_cosine"] >= COSINE[precision]:
        raise ModelError(
            f"The {precision} graph's vectors have a mean cosine of {parity['mean_cosine']:.4f} with the checkpoint's "
            f"(at least {COSINE[precision]}), the worst is number {int(cosine.argmin())}; the model was not "
            "written, export it with a higher precision."
        )
    return parity


def _nearest(queries: NDArray[np.float32], stored: NDArray[np.float32]) -> NDArray[np.int64]:
    """The nearest other row of `stored` to each query."""
    similarity = queries @ stored.T
    np.fill_diagonal(similarity, -2.0)
    nearest: NDArray[np.int64] = similarity.argmax(axis=1)
    return nearest


def check_scores(
    outputs: Sequence[Outputs],
    expected: Sequence[Outputs],
    *,
    precision: str,
    groups: Sequence[int] = (),
    names: Sequence[str] = (),
) -> dict[str, Any]:
    """How far scores are from the checkpoint's, and how often two candidates of one mention keep
    their order.

    `groups` are how many consecutive scores belong to one mention; by default all do.
    """
    got, want = (np.concatenate([each[0] for each in side]) for side in (outputs, expected))
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
        raise ModelError(
            f"The {precision} graph's scores differ from the checkpoint's by "
            f"{parity['mean_difference_in_spreads']:.3f} of their spread on average (at most "
            f"{SCORE_DIFFERENCE[precision]}), most on sample {int(difference.argmax())}; the model was not "
            "written, export it with a higher precision."
        )
    if parity["same_order"] < SAME_ORDER[precision]:
        raise ModelError(
            f"The {precision} graph keeps the order of {parity['same_order']:.1%} of pairs of candidates (at least "
            f"{SAME_ORDER[precision]:.1%}); the model was not written, export it with a higher precision."
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
