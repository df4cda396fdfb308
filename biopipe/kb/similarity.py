"""How alike two sets of concepts are, by a knowledge base: weighted Tversky over synonyms,
hierarchy and negation.

Tversky's ratio (Psychological Review 84, 1977) of what two documents A and B share to what each has
alone:

    S(A, B) = C / (C + alpha * only(A, B) + beta * only(B, A))
    m(a, B) = max over b in B of the same polarity of s(a, b), and 0 without any
    C       = (sum over A of w(a) m(a, B) + sum over B of w(b) m(b, A)) / 2
    only(A, B) = sum over A of w(a) (1 - m(a, B))

w(c) is the information content of a concept from the hierarchy alone, 1 - log(1 + descendants) /
log(concepts) (Seco, Veale and Hayes, ECAI 2004), and at least 0.01: a leaf weighs 1, a concept
above all others next to nothing. s(a, b) is 1 for the same concept (retired and alternative ids are
the concept that replaced them) and otherwise Lin's measure (ICML 1998), 2 IC(c) / (IC(a) + IC(b))
with c the most informative common ancestor, times `hierarchy`.

S is in [0, 1]; 1 for equal sets that are not empty; 0 where no concepts of the same polarity have
an informative ancestor in common, and for an empty set; the same for (A, B) and (B, A) where alpha
= beta; and it never falls when a concept is added to both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from biopipe.document import Document
from biopipe.errors import ConfigError, KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase

__all__ = ["ConceptSet", "OntologySimilarity"]

Rows = npt.NDArray[np.int64]

_LEAST_WEIGHT = 0.01
# Concepts whose ancestors are collected at once; bounds the memory of counting descendants.
_BLOCK = 50_000
_CACHED = 100_000


@dataclass(frozen=True, slots=True)
class ConceptSet:
    """The concepts a document states, and those it denies; one that does both counts as both."""

    stated: frozenset[str] = frozenset()
    negated: frozenset[str] = frozenset()

    @classmethod
    def of(cls, document: Document) -> "ConceptSet":
        """Concepts of linked mentions; one is denied when all its mentions are negated."""
        stated, negated = set[str](), set[str]()
        for mention in document.mentions:
            (negated if "Negated" in mention.assertion else stated).update(mention.concept_ids)
        return cls(frozenset(stated), frozenset(negated - stated))


class OntologySimilarity:
    """The measure over one knowledge base; opening it reads the hierarchy and counts descendants
    once.

    `alpha` and `beta` weigh what the first and the second set have alone; `hierarchy` from 0 to 1
    is what related concepts count beside equal ones, 0 for equal ones only. Ids that the knowledge
    base does not know, NIL ids among them, weigh 1 and match themselves alone.
    """

    def __init__(
        self, kb: KnowledgeBase, *, alpha: float = 0.5, beta: float = 0.5, hierarchy: float = 1.0
    ) -> None:
        # Written so that NaN is refused too.
        if not (alpha >= 0 and beta >= 0 and alpha + beta > 0 and np.isfinite(alpha + beta)):
            raise ConfigError(f"alpha {alpha} and beta {beta} must be 0 or more and not both 0.")
        if not 0 <= hierarchy <= 1:
            raise ConfigError(f"hierarchy is {hierarchy}; give a number from 0 to 1.")
        self._alpha, self._beta, self._hierarchy = alpha, beta, hierarchy
        self._hierarchies = _Hierarchy(kb)
        self._related = lru_cache(maxsize=_CACHED)(self._lin)

    def __call__(self, first: ConceptSet, second: ConceptSet) -> float:
        """S(first, second)."""
        common = only_first = only_second = 0.0
        for polarity in ("stated", "negated"):
            a, b = (self._current(getattr(each, polarity)) for each in (first, second))
            shared_a, alone_a = self._split(a, b)
            shared_b, alone_b = self._split(b, a)
            common += (shared_a + shared_b) / 2
            only_first, only_second = only_first + alone_a, only_second + alone_b
        if not common:
            return 0.0
        return common / (common + self._alpha * only_first + self._beta * only_second)

    def concepts(self, first: str, second: str) -> float:
        """s(first, second): how alike two concepts are."""
        a, b = (self._hierarchies.current(each) for each in (first, second))
        return 1.0 if a == b else self._related(min(a, b), max(a, b))

    def weight(self, concept_id: str) -> float:
        """w(concept_id): what it tells."""
        return max(
            self._hierarchies.information(self._hierarchies.current(concept_id)), _LEAST_WEIGHT
        )

    def _current(self, ids: Iterable[str]) -> list[str]:
        return sorted({self._hierarchies.current(each) for each in ids})

    def _split(self, mine: list[str], theirs: list[str]) -> tuple[float, float]:
        """Weight of what is matched and of what is not."""
        shared = alone = 0.0
        others = set(theirs)
        for each in mine:
            weight = self.weight(each)
            match = (
                1.0
                if each in others
                else max((self.concepts(each, other) for other in theirs), default=0.0)
            )
            shared, alone = shared + weight * match, alone + weight * (1.0 - match)
        return shared, alone

    def _lin(self, first: str, second: str) -> float:
        own = self._hierarchies.information(first) + self._hierarchies.information(second)
        common = self._hierarchies.ancestors(first) & self._hierarchies.ancestors(second)
        if not common or not own:
            return 0.0
        best = max(self._hierarchies.row_information(row) for row in common)
        return self._hierarchy * min(1.0, 2.0 * best / own)


class _Hierarchy:
    """Is-a edges by rows of the concepts table, retired concepts replaced."""

    def __init__(self, kb: KnowledgeBase) -> None:
        try:
            concepts = _read(kb, "concepts.arrow").select(["id", "replaced_by"])
            edges = _read(kb, "edges.arrow")
        except (OSError, pa.ArrowException, KeyError) as error:
            raise KnowledgeBaseError(
                f"The hierarchy of the knowledge base {kb.path} cannot be read ({error}); build it again."
            ) from error
        self._ids = concepts["id"].combine_chunks()
        self._row = {concept_id: row for row, concept_id in enumerate(self._ids.to_pylist())}
        self._replaced = _replacements(self._ids, concepts["replaced_by"].combine_chunks())
        self._starts, self._parents = self._index(edges)
        self._information = self._contents()
        self.ancestors = lru_cache(maxsize=_CACHED)(self._ancestors)

    def current(self, concept_id: str) -> str:
        """The id that is used now; an unknown one as it is."""
        row = self._row.get(concept_id)
        return concept_id if row is None else str(self._ids[int(self._replaced[row])].as_py())

    def information(self, concept_id: str) -> float:
        row = self._row.get(concept_id)
        return 1.0 if row is None else self.row_information(row)

    def row_information(self, row: int) -> float:
        return float(self._information[row])

    def _ancestors(self, concept_id: str) -> frozenset[int]:
        """Rows of the concept and of all above it; a cycle ends where it began."""
        row = self._row.get(concept_id)
        found: set[int] = set()
        waiting = [] if row is None else [row]
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting.extend(self._parents[self._starts[each] : self._starts[each + 1]].tolist())
        return frozenset(found)

    def _index(self, edges: pa.Table) -> tuple[Rows, Rows]:
        """Parents of each row: `parents[starts[row] : starts[row + 1]]`."""
        edges = edges.filter(pc.equal(edges["relation"], "is-a"))
        children, parents = (
            pc.fill_null(pc.index_in(edges[name], value_set=self._ids), -1)
            .to_numpy()
            .astype(np.int64)
            for name in ("head", "tail")
        )
        known = (children >= 0) & (parents >= 0)
        children, parents = children[known], self._replaced[parents[known]]
        current = (self._replaced[children] == children) & (children != parents)
        order = np.argsort(children[current], kind="stable")
        counts = np.bincount(children[current], minlength=len(self._ids))
        return np.concatenate([[0], np.cumsum(counts)]), parents[current][order]

    def _contents(self) -> npt.NDArray[np.float64]:
        """Intrinsic information content of each row, within [0, 1]."""
        descendants = np.zeros(len(self._ids), np.int64)
        for start in range(0, len(self._ids), _BLOCK):
            rows = np.arange(start, min(start + _BLOCK, len(self._ids)))
            descendants += self._counted_above(rows)
        concepts = max(int((self._replaced == np.arange(len(self._ids))).sum()), 2)
        contents: npt.NDArray[np.float64] = np.clip(
            1.0 - np.log1p(descendants) / np.log(concepts), 0.0, 1.0
        )
        return contents

    def _counted_above(self, rows: Rows) -> Rows:
        """How many of `rows` lie below each concept."""
        size = len(self._ids)
        seen = fresh = rows * size + rows
        while len(fresh):
            low, high = fresh // size, fresh % size
            counts = self._starts[high + 1] - self._starts[high]
            ends = np.cumsum(counts)
            places = np.arange(counts.sum()) + np.repeat(
                self._starts[high] - (ends - counts), counts
            )
            reached = np.unique(np.repeat(low, counts) * size + self._parents[places])
            fresh = np.setdiff1d(reached, seen, assume_unique=True)
            seen = np.union1d(seen, fresh)
        return np.bincount(seen % size, minlength=size) - np.isin(np.arange(size), rows)


def _read(kb: KnowledgeBase, name: str) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(kb.path / name))).read_all()


def _replacements(ids: pa.Array, replaced_by: pa.Array) -> Rows:
    """The row that stands for each row now; a cycle, or a replacement that is not there, leaves a
    row its own.
    """
    own = np.arange(len(ids), dtype=np.int64)
    known = pc.fill_null(pc.index_in(replaced_by, value_set=ids), -1).to_numpy().astype(np.int64)
    following = np.where(known >= 0, known, own)
    final = following
    # Doubling the step each time, a chain of a million replacements takes twenty rounds.
    for _ in range(max(len(ids).bit_length(), 1)):
        final = final[final]
    return np.where(following[final] == final, final, own)
