"""Which sentences carry a relation: those that name both concepts, else the nearest two that name one each."""

from bisect import bisect_right
from collections.abc import Sequence
from sys import maxsize

from biopipe.relations.pairs import Concept
from biopipe.types import Document

__all__ = ["evidence"]

MOST = 3


def evidence(
    document: Document, head: Concept, tail: Concept, sentences: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """Spans of at most three sentences, in order of the text."""
    heads = _sentences_of(document, head, sentences)
    tails = _sentences_of(document, tail, sentences)
    if shared := sorted(heads & tails):
        return tuple(sentences[i] for i in shared[:MOST])
    if not heads or not tails:
        return ()
    nearest = min((abs(h - t), h, t) for h in heads for t in tails)
    return tuple(sentences[i] for i in sorted(nearest[1:]))


def _sentences_of(document: Document, concept: Concept, sentences: Sequence[tuple[int, int]]) -> set[int]:
    found = (bisect_right(sentences, (document.mentions[m].start, maxsize)) - 1 for m in concept.mentions)
    return {i for i in found if i >= 0}
