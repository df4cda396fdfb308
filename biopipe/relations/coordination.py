"""Which mentions are only listed beside each other: "IL-6, TNF and CRP"."""

import re

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document

__all__ = ["Coordination"]

_BETWEEN = re.compile(r"\s*(?:[,;/&]\s*(?:and/or|and|or|as well as)?|and/or|and|or|as well as)\s*")


class Coordination:
    """The coordinations of one document: mentions with nothing but commas and conjunctions between
    them.
    """

    def __init__(self, document: Document) -> None:
        text = document.text
        spans = sorted({(mention.start, mention.end) for mention in document.mentions})
        self._starts = np.array([start for start, _ in spans], dtype=np.int64)
        self._numbers = np.zeros(len(spans), dtype=np.int64)
        end = number = 0
        for place, (start, stop) in enumerate(spans):
            if start >= end and not _BETWEEN.fullmatch(text, end, start):
                number += 1
            self._numbers[place] = number
            end = max(end, stop)

    def numbers(self, starts: NDArray[np.int64]) -> NDArray[np.int64]:
        """The coordination of mentions that start at `starts`, both (mentions,) int64."""
        return self._numbers[self._starts.searchsorted(starts)]
