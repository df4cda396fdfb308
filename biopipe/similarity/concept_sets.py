"""The concepts of a document, those that it states apart from those that it denies."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from biopipe.document import Document
from biopipe.document.labels import FAMILY, HYPOTHETICAL, NEGATED

__all__ = ["ConceptSet", "concept_set"]

# Of a relative's disease and of one that may come the text neither says that it is there nor that
# it is not.
_NEITHER = frozenset({FAMILY, HYPOTHETICAL})


@dataclass(frozen=True, slots=True)
class ConceptSet:
    """Ids of the concepts that a document states, and of those that it denies."""

    stated: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()

    @classmethod
    def from_mentions(
        cls, mentions: Iterable[tuple[Collection[str], Collection[str]]]
    ) -> "ConceptSet":
        """Of (concept ids, assertions) of each mention.

        A concept is denied when all its mentions are negated; one that is also stated counts as
        stated. Mentions that are hypothetical or of a relative, and those without a concept, are
        left out.
        """
        stated, denied = set[str](), set[str]()
        for concept_ids, assertions in mentions:
            if _NEITHER.isdisjoint(assertions):
                (denied if NEGATED in assertions else stated).update(concept_ids)
        # What a document states in one place and denies in another it is about.
        return cls(frozenset(stated), frozenset(denied - stated))

    def __bool__(self) -> bool:
        return bool(self.stated or self.denied)


def concept_set(document: Document) -> ConceptSet:
    """The concepts of a document's linked mentions; see `ConceptSet.from_mentions`."""
    return ConceptSet.from_mentions(
        (mention.concept_ids, mention.assertion) for mention in document.mentions
    )
