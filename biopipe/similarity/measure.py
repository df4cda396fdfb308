"""How alike two sets of concepts are, by a knowledge base: weighted Tversky over synonyms,
hierarchy and negation.

Tversky's ratio (Psychological Review 84, 1977) of what two documents A and B share to what each has
alone:

    S(A, B) = C / (C + alpha * only(A, B) + beta * only(B, A))
    m(a, B) = max over b in B of the same polarity of s(a, b), and 0 without any
    C       = (sum over A of w(a) m(a, B) + sum over B of w(b) m(b, A)) / 2
    only(A, B) = sum over A of w(a) (1 - m(a, B))

w(c) is the information content of a concept (see `biopipe.kb.hierarchy`), and at least 0.01.
s(a, b) is 1 for the same concept (retired and alternative ids are the concept that replaced them)
and otherwise Lin's measure (ICML 1998), 2 IC(c) / (IC(a) + IC(b)) with c the most informative
common ancestor, times `hierarchy`.

S is in [0, 1]; 1 for equal sets that are not empty; 0 where no concepts of the same polarity have
an informative ancestor in common, and for an empty set; the same for (A, B) and (B, A) where alpha
= beta; and it never falls when a concept is added to both.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from biopipe.errors import ConfigError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.hierarchy import Hierarchy
from biopipe.similarity.concept_sets import ConceptSet
from biopipe.similarity.set_index import POLARITIES, SetIndex, SetMembers, segment_max, segment_sum

__all__ = ["ConceptSimilarity"]

_Floats = npt.NDArray[np.float64]

# So that a set of the most general concepts alone still has a weight.
_LEAST_WEIGHT = 0.01


class ConceptSimilarity:
    """The measure over one knowledge base; opening it reads the hierarchy and counts descendants
    once.

        measure = ConceptSimilarity(open_base("default"))
        measure(concept_set(one), concept_set(other))

    `alpha` and `beta` weigh what the first and the second set have alone; `hierarchy` from 0 to 1
    is what related concepts count beside equal ones, 0 for equal ones only. Ids that the knowledge
    base does not know, NIL ids among them, weigh 1 and match themselves alone. ConfigError for
    weights out of range.
    """

    def __init__(
        self, kb: KnowledgeBase, *, alpha: float = 0.5, beta: float = 0.5, hierarchy: float = 1.0
    ) -> None:
        # Written so that NaN is refused too.
        if not (alpha >= 0 and beta >= 0 and alpha + beta > 0 and np.isfinite(alpha + beta)):
            raise ConfigError(f"alpha {alpha} and beta {beta} must be 0 or more and not both 0.")
        if not 0 <= hierarchy <= 1:
            raise ConfigError(f"hierarchy is {hierarchy}; give a number from 0 to 1.")
        self._kb, self._alpha, self._beta, self._related = kb, alpha, beta, hierarchy
        self._hierarchy = Hierarchy(kb)

    def __call__(self, first: ConceptSet, second: ConceptSet) -> float:
        """S(first, second)."""
        return float(self.scores(first, self.index([second]))[0])

    def index(self, sets: Sequence[ConceptSet]) -> SetIndex:
        """Sets in the form in which they are compared with others."""
        current: dict[str, str] = {}
        for concepts in sets:
            for concept_id in (*concepts.stated, *concepts.denied):
                if concept_id not in current:
                    current[concept_id] = self.current(concept_id)
        # Sorted: sums of floats in another order may differ in the last bit, and with them ties.
        ids = sorted(set(current.values()))
        return SetIndex.of(
            sets,
            current,
            ids,
            weights=np.array([self.weight(concept_id) for concept_id in ids]),
            rows=[self._hierarchy.row(concept_id) for concept_id in ids],
            ancestors=self._hierarchy.ancestors,
        )

    def scores(self, query: ConceptSet, index: SetIndex) -> _Floats:
        """S(query, set) for each set of `index`, in their order: (sets,) float64."""
        common, alone, alone_in_set = (np.zeros(len(index)) for _ in range(3))
        for polarity in POLARITIES:
            asked = self._current_ids(getattr(query, polarity))
            members = index.members[polarity]
            best = np.zeros(len(members.concepts))
            for concept_id in asked:
                weight = self.weight(concept_id)
                alike = self.similarities(concept_id, index)[members.concepts]
                matched = segment_max(alike, members.offsets)
                common += weight * matched / 2
                alone += weight * (1.0 - matched)
                best = np.maximum(best, alike)
            shared, unmatched = self._of_sets(best, members, index)
            common += shared / 2
            alone_in_set += unmatched
        total = common + self._alpha * alone + self._beta * alone_in_set
        scores = np.zeros(len(index))
        # Nothing in common is 0, not 0 / 0, where both sets are empty too.
        np.divide(common, total, out=scores, where=common > 0)
        return scores

    def similarities(self, concept_id: str, index: SetIndex) -> _Floats:
        """s(concept_id, c) for each concept of `index`: (concepts,) float64."""
        concept_id = self.current(concept_id)
        row = self._hierarchy.row(concept_id)
        alike = np.zeros(len(index.ids))
        if row is not None:
            information = self._hierarchy.information
            ancestors = self._hierarchy.ancestors(row)
            # searchsorted may point behind the end, which is no place to compare with.
            places = np.minimum(ancestors.searchsorted(index.ancestors), len(ancestors) - 1)
            common = np.where(
                ancestors[places] == index.ancestors, information[index.ancestors], 0.0
            )
            best = segment_max(common, index.ancestor_offsets)
            own = information[row] + np.where(index.rows >= 0, information[index.rows], 0.0)
            np.divide(2.0 * best, own, out=alike, where=best > 0)
            alike = self._related * np.minimum(alike, 1.0)
        place = index.places.get(concept_id)
        if place is not None:
            alike[place] = 1.0
        return alike

    def concepts(self, first: str, second: str) -> float:
        """s(first, second): how alike two concepts are."""
        return float(self.similarities(first, self.index([ConceptSet(frozenset({second}))]))[0])

    def weight(self, concept_id: str) -> float:
        """w(concept_id): how much it tells."""
        row = self._hierarchy.row(concept_id)
        return 1.0 if row is None else max(float(self._hierarchy.information[row]), _LEAST_WEIGHT)

    def current(self, concept_id: str) -> str:
        """The id that is used now; an unknown one as it is."""
        row = self._hierarchy.row(concept_id)
        return concept_id if row is None else self._kb.concept_id(row)

    def _current_ids(self, concept_ids: Iterable[str]) -> list[str]:
        return sorted({self.current(concept_id) for concept_id in concept_ids})

    @staticmethod
    def _of_sets(best: _Floats, members: SetMembers, index: SetIndex) -> tuple[_Floats, _Floats]:
        """Weight of what each set has that is matched, and of what is not; `best` by member."""
        weights = index.weights[members.concepts]
        return (
            segment_sum(weights * best, members.offsets),
            segment_sum(weights * (1.0 - best), members.offsets),
        )
