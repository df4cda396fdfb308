"""Which sentences carry a relation: those that name both concepts, else the nearest two that name
one each.
"""

from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter

from biopipe.document import ConceptMentions, Document, Sentence
from biopipe.text.sentences import sentences_of

__all__ = ["evidence"]

MOST = 3


def evidence(
    document: Document, head: ConceptMentions, tail: ConceptMentions
) -> tuple[tuple[int, int], ...]:
    """Character spans of at most three sentences, in order of the text."""
    sentences = sentences_of(document)
    heads = _sentences_of(document, head, sentences)
    tails = _sentences_of(document, tail, sentences)
    if shared := sorted(heads & tails):
        return tuple((sentences[i].start, sentences[i].end) for i in shared[:MOST])
    if not heads or not tails:
        return ()
    nearest = min((abs(h - t), h, t) for h in heads for t in tails)
    return tuple((sentences[i].start, sentences[i].end) for i in sorted(nearest[1:]))


def _sentences_of(
    document: Document, concept: ConceptMentions, sentences: Sequence[Sentence]
) -> set[int]:
    """Indices of the sentences in which the concept's mentions start."""
    places = (
        bisect_right(sentences, document.mentions[m].start, key=attrgetter("start")) - 1
        for m in concept.mentions
    )
    return {place for place in places if place >= 0}
