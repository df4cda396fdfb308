"""One sense per document: a word's tag is drawn towards those of its other occurrences in the same
text.

A name that is plain in one sentence is often missed or mistyped in another. Gale, Church and
Yarowsky (1992) found that a word keeps its sense within a discourse; Krishnan and Manning (2006)
made taggers use that. Here the probabilities of a word are mixed with the mean over all its
occurrences before decoding, without a further pass of the encoder.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["agree"]

FloatArray = NDArray[np.float32]

_LEAST = 2  # characters of a word that means the same thing wherever it stands
_FLOOR = 1e-9


def agree(scores: FloatArray, words: Sequence[str], weight: float) -> FloatArray:
    """Log `scores` (words, tags), each row mixed with the log of its word's mean probabilities, and
    normalised.

    `weight` in [0, 1] is that of the mean. Words are compared without case; those without letters
    stay as they are.
    """
    if weight == 0.0 or len(scores) == 0:
        return scores
    forms = [
        word.lower() if len(word) >= _LEAST and any(map(str.isalpha, word)) else ""
        for word in words
    ]
    _, form, count = np.unique(forms, return_inverse=True, return_counts=True)
    repeated = np.flatnonzero((count[form] > 1) & np.array([bool(each) for each in forms]))
    if len(repeated) == 0:
        return scores
    sums = np.zeros((len(count), scores.shape[1]), dtype=np.float64)
    np.add.at(sums, form[repeated], np.exp(scores[repeated]))
    mean = np.log(sums[form[repeated]] / count[form[repeated]][:, None] + _FLOOR)
    mixed = (1.0 - weight) * scores[repeated] + weight * mean
    top = mixed.max(axis=1, keepdims=True)
    mixed -= top + np.log(np.exp(mixed - top).sum(axis=1, keepdims=True))
    agreed = scores.copy()
    agreed[repeated] = mixed
    return agreed
