"""One sense per document: a word's tag is drawn towards those of its other occurrences in the same
text.

A name that is plain in one sentence is often missed or mistyped in another. Gale, Church and
Yarowsky (1992) found that a word keeps its sense within a discourse; Krishnan and Manning (2006)
made taggers use that. Here the probabilities of a word are mixed with the mean over all its
occurrences before decoding, without a further pass of the encoder.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["apply_document_consistency", "form_hashes"]

FloatArray = NDArray[np.float32]

_SHORTEST_FORM = 2  # characters of a word that means the same thing wherever it stands
# Keeps the logarithm finite where float32 has no probability left for a tag.
_SMALLEST_PROBABILITY = 1e-9
_NO_FORM = -1
# Odd, so that all powers differ; of the constants that Knuth (1998) lists for multiplying.
_BASE = np.uint64(6364136223846793005)


def form_hashes(text: str, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Hashes (words,) int64, 0 and more, of the words `[starts, ends)` of a text in lower case.

    starts, ends: (words,) int64 code points. Words of one character or without letters have -1:
    they say nothing of each other. A polynomial hash of 63 bits (Karp and Rabin 1987), of all words
    at once: two of the thousands of words of a batch share one by chance once in 10**11 batches.
    """
    codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    powers = np.full(len(codes) + 1, _BASE, dtype=np.uint64)
    powers[0] = 1
    np.multiply.accumulate(powers, out=powers)
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum((codes + np.uint64(1)) * powers[:-1], out=sums[1:])
    # As if every word ended the text, so that where it stands does not count.
    hashes = (sums[ends] - sums[starts]) * powers[len(codes) - starts]
    present = np.flatnonzero(np.bincount(codes)) if len(codes) else np.zeros(0, dtype=np.int64)
    is_letter = np.zeros(present[-1] + 1 if len(present) else 1, dtype=np.bool_)
    is_letter[present] = [chr(code).isalpha() for code in present.tolist()]
    letters = np.zeros(len(codes) + 1, dtype=np.int64)
    np.cumsum(is_letter[codes], out=letters[1:])
    counts = (ends - starts >= _SHORTEST_FORM) & (letters[ends] > letters[starts])
    return np.where(counts, (hashes >> np.uint64(1)).view(np.int64), _NO_FORM)


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
