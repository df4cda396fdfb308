"""The gate of a tagger: its mentions, and the hidden states that it gives to other models."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import ParityError
from biopipe.ner.decode import decode, word_scores
from biopipe.ner.labels import TagSet
from biopipe.train.export.parity import LEAST_COSINE, GraphOutputs, check_parity

__all__ = ["LEAST_MENTION_F1", "check_tags"]

# The smallest allowed F1 of a tagger's mentions with the checkpoint's.
LEAST_MENTION_F1 = {"fp32": 0.99, "fp16": 0.97, "int8": 0.85}


def check_tags(
    outputs: Sequence[GraphOutputs],
    expected: Sequence[GraphOutputs],
    *,
    precision: str,
    tags: TagSet,
    names: Sequence[str] = (),
) -> dict[str, Any]:
    """Parity of a tagger's logits, of the mentions they give, and of the hidden states where it
    gives them.

    ParityError where one fails the gate of `precision`.
    """
    parity = check_parity(
        [e[:1] for e in outputs], [e[:1] for e in expected], precision=precision, names=names
    )
    parity["mention_f1"] = _mention_f1([e[0] for e in outputs], [e[0] for e in expected], tags)
    if parity["mention_f1"] < LEAST_MENTION_F1[precision]:
        raise ParityError(
            f"The {precision} graph's mentions have an F1 of {parity['mention_f1']:.3f} with the "
            f"checkpoint's (at least {LEAST_MENTION_F1[precision]}); the model was not written, export "
            "it with a higher precision."
        )
    pairs = [(a[1], b[1]) for a, b in zip(outputs, expected, strict=True) if len(a) > 1]
    return {**parity, **(_check_states(pairs, precision) if pairs else {})}


def _mention_f1(
    got: Sequence[NDArray[np.float32]], want: Sequence[NDArray[np.float32]], tags: TagSet
) -> float:
    """F1 of the mentions in `got` with those in `want`, every piece a word of its own."""
    exported, right = (
        {(i, s.first, s.last, s.label) for i, e in enumerate(side) for s in _spans(e[0], tags)}
        for side in (got, want)
    )
    return 2 * len(exported & right) / (len(exported) + len(right)) if exported or right else 1.0


def _spans(logits: NDArray[np.float32], tags: TagSet) -> list[Any]:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return list(decode(word_scores(log_probs, np.arange(len(logits)), tags)))


def _check_states(
    pairs: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]], precision: str
) -> dict[str, Any]:
    got, want = (
        np.concatenate([logits.reshape(-1, logits.shape[-1]) for logits in side])
        for side in zip(*pairs, strict=True)
    )
    cosine = (got * want).sum(-1) / (np.linalg.norm(got, axis=-1) * np.linalg.norm(want, axis=-1))
    # Written so that a mean that is not a number fails too.
    if not cosine.mean() >= LEAST_COSINE[precision]:
        raise ParityError(
            f"The {precision} graph's 'states' have a mean cosine of {cosine.mean():.4f} with the "
            f"checkpoint's (at least {LEAST_COSINE[precision]}); the model was not written, export it "
            "with a higher precision."
        )
    return {"states_mean_cosine": float(cosine.mean()), "states_min_cosine": float(cosine.min())}
