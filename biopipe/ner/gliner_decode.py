"""From span scores to mentions: the highest first, as long as they may stand beside those taken
before.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Spans", "choose_spans"]


@dataclass(frozen=True, slots=True)
class Spans:
    """Scored spans of one text: word ranges `[first, last]`, label numbers and probabilities, each
    (n,).
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    label: NDArray[np.int64]
    score: NDArray[np.float32]


def choose_spans(spans: Spans, *, flat: bool) -> list[int]:
    """Numbers of the spans that stay, in order of the text.

    Greedy by score, as GLiNER does (Zaratiana et al. 2024): flat spans share no word; nested ones
    may lie within each other but not cross. A range of words has one label either way.
    """
    order = np.argsort(-spans.score, kind="stable")
    kept: list[int] = []
    first = np.zeros(len(order), dtype=np.int64)
    last = np.zeros(len(order), dtype=np.int64)
    for number in order:
        start, end, taken = spans.first[number], spans.last[number], len(kept)
        starts, ends = first[:taken], last[:taken]
        clash = (starts <= end) & (start <= ends)
        if not flat:
            same = (starts == start) & (ends == end)
            within = ((starts <= start) & (end <= ends)) | ((start <= starts) & (ends <= end))
            clash &= same | ~within
        if not clash.any():
            first[taken], last[taken] = start, end
            kept.append(int(number))
    return sorted(kept, key=lambda number: (int(spans.first[number]), int(spans.last[number])))
