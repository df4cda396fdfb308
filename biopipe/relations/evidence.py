"""Which sentences carry a relation: those that name both concepts, else the nearest two that name
one each.
"""

from bisect import bisect_right

from biopipe.document import ConceptMentions, Document
from biopipe.text.sentences import sentences_of

__all__ = ["EvidenceFinder", "evidence"]

MOST_SENTENCES = 3  # a reader checks a relation by a few sentences; more make the tables large


class EvidenceFinder:
    """The evidence of the relations of one document; the sentences of a concept are sought once."""

    def __init__(self, document: Document) -> None:
        self._mentions = document.mentions
        self._spans = [(sentence.start, sentence.end) for sentence in sentences_of(document)]
        self._starts = [start for start, _ in self._spans]
        self._numbers: dict[str, set[int]] = {}

    def spans(self, head: ConceptMentions, tail: ConceptMentions) -> tuple[tuple[int, int], ...]:
        """Character spans of at most three sentences, in order of the text."""
        heads, tails = self._sentences_of(head), self._sentences_of(tail)
        if shared := heads & tails:
            return tuple(self._spans[number] for number in sorted(shared)[:MOST_SENTENCES])
        if not heads or not tails:
            return ()
        nearest = min((abs(h - t), h, t) for h in heads for t in tails)
        return tuple(self._spans[number] for number in sorted(nearest[1:]))

    def _sentences_of(self, concept: ConceptMentions) -> set[int]:
        """Numbers of the sentences in which the concept's mentions start."""
        numbers = self._numbers.get(concept.id)
        if numbers is None:
            places = (
                bisect_right(self._starts, self._mentions[mention].start) - 1
                for mention in concept.mentions
            )
            numbers = self._numbers[concept.id] = {place for place in places if place >= 0}
        return numbers


def evidence(
    document: Document, head: ConceptMentions, tail: ConceptMentions
) -> tuple[tuple[int, int], ...]:
    """The evidence of one relation; see `EvidenceFinder`."""
    return EvidenceFinder(document).spans(head, tail)
