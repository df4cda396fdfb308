"""Character offsets to spaCy tokens."""

from collections.abc import Sequence

import numpy as np
from spacy.tokens import Doc, Span

__all__ = ["align", "align_offsets"]


def align_offsets(doc: Doc, offsets: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """For each `(start, end)` of characters the first token and the token after the last one of the
    fewest that cover it, spaces between tokens aside.

    Characters that are only the space behind a token, which spaCy counts to that token, give that
    token.
    """
    if not offsets:
        return []
    # One array for all mentions, in place of a call of spaCy for each.
    tokens = doc.to_array(["IDX", "LENGTH"]).astype(np.int64)
    starts = tokens[:, 0]
    characters = np.asarray(offsets, dtype=np.int64)
    first = np.searchsorted(starts + tokens[:, 1], characters[:, 0], side="right")
    stop = np.searchsorted(starts, characters[:, 1], side="left")
    # Characters between two tokens: the token before them.
    first = np.where(first < stop, first, stop - 1)
    return list(zip(first.tolist(), stop.tolist(), strict=True))


def align(doc: Doc, start: int, end: int) -> Span:
    """The tokens of the characters `[start, end)`; see `align_offsets`."""
    ((first, stop),) = align_offsets(doc, [(start, end)])
    return doc[first:stop]
