"""Which sentences carry a relation: those that name both concepts, else the nearest two that name
one each.
"""

from bisect import bisect_right

from biopipe.document import ConceptMentions, Document
from biopipe.text.sentences import sentences_of

__all__ = ["EvidenceFinder", "evidence"]

Spans = tuple[tuple[int, int], ...]

MOST_SENTENCES = 3  # a reader checks a relation by a few sentences; more make the tables large


class EvidenceFinder:
    """The evidence of the relations of one document; the sentences of a concept, and the evidence
    for the same sentences of two, are sought once.
    """

    def __init__(self, document: Document) -> None:
        self._mentions = document.mentions
        self._spans = [(sentence.start, sentence.end) for sentence in sentences_of(document)]
        self._starts = [start for start, _ in self._spans]
        self._numbers: dict[str, frozenset[int]] = {}
        self._evidence: dict[tuple[frozenset[int], frozenset[int]], Spans] = {}

    def spans(self, head: ConceptMentions, tail: ConceptMentions) -> Spans:
        """Character spans of at most three sentences, in order of the text."""
        ends = self.sentences_of(head), self.sentences_of(tail)
        spans = self._evidence.get(ends)
        if spans is None:
            spans = self._evidence[ends] = tuple([self._spans[n] for n in _carrying(*ends)])
        return spans

    def sentences_of(self, concept: ConceptMentions) -> frozenset[int]:
        """Numbers of the sentences in which the concept's mentions start."""
        numbers = self._numbers.get(concept.id)
        if numbers is None:
            places = [
                bisect_right(self._starts, self._mentions[mention].start) - 1
                for mention in concept.mentions
            ]
            numbers = frozenset([place for place in places if place >= 0])
            self._numbers[concept.id] = numbers
        return numbers


def _carrying(heads: frozenset[int], tails: frozenset[int]) -> list[int]:
    """The sentences that carry a relation of concepts which these sentences name, in order."""
    if shared := heads & tails:
        return sorted(shared)[:MOST_SENTENCES]
    if not heads or not tails:
        return []
    if len(heads) == len(tails) == 1:
        return sorted(heads | tails)
    return sorted(min((abs(h - t), h, t) for h in heads for t in tails)[1:])


def evidence(document: Document, head: ConceptMentions, tail: ConceptMentions) -> Spans:
    """The evidence of one relation; see `EvidenceFinder`."""
    return EvidenceFinder(document).spans(head, tail)
