"""One sense per document: a word's tag is drawn towards those of its other occurrences in the same
text.

A name that is plain in one sentence is often missed or mistyped in another. Gale, Church and
Yarowsky (1992) found that a word keeps its sense within a discourse; Krishnan and Manning (2006)
made taggers use that. Here the probabilities of a word are mixed with the mean over all its
occurrences before decoding, without a further pass of the encoder.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["FormNumbers", "apply_document_consistency"]

FloatArray = NDArray[np.float32]

_SHORTEST_FORM = 2  # characters of a word that means the same thing wherever it stands
# Keeps the logarithm finite where float32 has no probability left for a tag.
_SMALLEST_PROBABILITY = 1e-9
_NO_FORM = -1


class FormNumbers(dict[str, int]):
    """Numbers of words in lower case, given on first sight: texts of a batch share one.

    Words of one character or without letters have the number -1: they say nothing of each other.
    """

    def __missing__(self, word: str) -> int:
        counts = len(word) >= _SHORTEST_FORM and any(map(str.isalpha, word))
        number = self[word] = len(self) if counts else _NO_FORM
        return number


def apply_document_consistency(
    scores: FloatArray, forms: NDArray[np.int64], weight: float
) -> FloatArray:
    """Log scores (words, tags) float32, each row mixed with the log of the mean probabilities of
    its form, and normalised.

    forms: (words,) int64, equal for words that are to agree (of one text and form), below 0 for
    words that stay as they are. `weight` in [0, 1] is that of the mean.
    """
    if weight == 0.0 or len(scores) == 0:
        return scores
    counted = np.flatnonzero(forms >= 0)
    order = counted[np.argsort(forms[counted], kind="stable")]
    same = np.diff(forms[order], prepend=-1, append=-1) == 0
    # The rows of forms that occur twice or more, form by form.
    repeated = same[:-1] | same[1:]
    rows, is_first = order[repeated], ~same[:-1][repeated]
    if len(rows) == 0:
        return scores
    firsts = np.flatnonzero(is_first)
    counts = np.diff(firsts, append=len(rows))
    sums = np.add.reduceat(np.exp(scores[rows]).astype(np.float64), firsts, axis=0)
    mean = np.log(sums / counts[:, None] + _SMALLEST_PROBABILITY)
    mixed = (1.0 - weight) * scores[rows] + weight * np.repeat(mean, counts, axis=0)
    top = mixed.max(axis=1, keepdims=True)
    mixed -= top + np.log(np.exp(mixed - top).sum(axis=1, keepdims=True))
    agreed = scores.copy()
    agreed[rows] = mixed
    return agreed
