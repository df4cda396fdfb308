"""What is known of a text's concepts from elsewhere: which are broader than which, and how often
annotators related each.

Annotators, and texts, relate the concept that says most and leave the broader one to it (Gu et al. 2017
filter chemical-induced diseases by MeSH's tree).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document import ConceptMentions, Document
from biopipe.relations.broader_concepts import BroaderConcepts
from biopipe.relations.pairs import PairTable
from biopipe.relations.related_rates import RelatedRates

__all__ = ["HIERARCHY_FEATURES", "ConceptFacts", "FactsOf", "KnownFacts"]

HIERARCHY_FEATURES = 10

# They bring logarithms of counts to about 0 to 1, as in `features`.
_COUNTS, _ABOVE = 3, 5

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ConceptFacts:
    """Of concepts: `broader` (concepts, concepts) bool, whether the first is broader than the second,
    and `above` (concepts,) int64, how many concepts are above each; None where nothing is asked of a
    hierarchy. `rates`: (concepts, numbers) float32, see `RelatedRates.of`.
    """

    broader: NDArray[np.bool_] | None
    above: IntArray | None
    rates: FloatArray

    def rows(self, concepts: IntArray) -> "ConceptFacts":
        """Those of some of the concepts, by their numbers (concepts,)."""
        return ConceptFacts(
            None if self.broader is None else self.broader[np.ix_(concepts, concepts)],
            None if self.above is None else self.above[concepts],
            self.rates[concepts],
        )

    def of(self, pairs: PairTable, together: NDArray[np.bool_]) -> FloatArray:
        """Features (pairs, numbers) float32; `together` (concepts, concepts) says which two a
        sentence names.
        """
        heads, tails = pairs.heads, pairs.tails
        parts: list[NDArray[Any]] = [self.rates[heads], self.rates[tails]]
        if self.broader is not None and self.above is not None:
            parts += self._of_hierarchy(self.broader, self.above, pairs, together)
        return np.concatenate(parts, axis=1, dtype=np.float32)

    def _of_hierarchy(
        self,
        broader: NDArray[np.bool_],
        above: IntArray,
        pairs: PairTable,
        together: NDArray[np.bool_],
    ) -> list[NDArray[np.float64]]:
        """Of either end how many concepts are above it, how many of the text are narrower and how
        many broader, and how many of each a sentence names with the other end.
        """
        table, named = broader.astype(np.float64), together.astype(np.float64)
        narrower_named, broader_named = table @ named, table.T @ named
        parts = []
        for own, other in ((pairs.heads, pairs.tails), (pairs.tails, pairs.heads)):
            counts = (
                table.sum(axis=1)[own],
                table.sum(axis=0)[own],
                narrower_named[own, other],
                broader_named[own, other],
            )
            columns = (np.log1p(above[own]) / _ABOVE, *(np.log1p(n) / _COUNTS for n in counts))
            parts.append(np.stack(columns, axis=1))
        return parts


FactsOf = Callable[[Document, Sequence[ConceptMentions]], ConceptFacts]
"""What is known of a document's concepts, in their order."""


class KnownFacts:
    """What a hierarchy, where there is one, and rates by its ids know. In `training`, what a document
    of theirs says of its own concepts is not told.
    """

    def __init__(
        self, hierarchy: BroaderConcepts | None, rates: RelatedRates, *, training: bool = False
    ) -> None:
        self._hierarchy, self._training = hierarchy, training
        self.rates = rates

    def __call__(self, document: Document, concepts: Sequence[ConceptMentions]) -> ConceptFacts:
        """Those of the concepts of a document."""
        ids = [concept.id for concept in concepts]
        broader, above = None, None
        if self._hierarchy is not None:
            broader, above = self._hierarchy.of(ids)
            ids = [self._hierarchy.own_id(concept_id) for concept_id in ids]
        besides = document.id if self._training else None
        return ConceptFacts(broader, above, self.rates.of(ids, besides=besides))
