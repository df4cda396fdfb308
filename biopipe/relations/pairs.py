"""The pairs of a document's concepts that a relation scheme allows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biopipe.document import ConceptMentions

__all__ = ["Allowed", "PairTable", "allowed_pairs", "has_pair"]

# The kinds of pairs a model knows by their labels; None where a scheme leaves a kind out.
Allowed = Sequence[tuple[str, str] | None]


@dataclass(frozen=True, slots=True)
class PairTable:
    """Pairs of concepts, ordered by label as the scheme lists it, then by first mention.

    heads, tails: (pairs,) int64, places of the two concepts in the list they were made of; kinds:
    (pairs,) int64, place of the pair's labels in the scheme's list.
    """

    heads: NDArray[np.int64]
    tails: NDArray[np.int64]
    kinds: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.heads)

    def rows(self, selected: slice | NDArray[np.int64]) -> "PairTable":
        """Some of the pairs, by a slice or by (n,) int64 row numbers."""
        return PairTable(self.heads[selected], self.tails[selected], self.kinds[selected])


def has_pair(concepts: Sequence[ConceptMentions], allowed: Allowed) -> bool:
    """Whether `allowed_pairs` would give any, without making them."""
    counts = Counter(concept.label for concept in concepts)
    kinds = [kind for kind in allowed if kind is not None]
    return any(counts[h] > 1 if h == t else counts[h] > 0 and counts[t] > 0 for h, t in kinds)


def allowed_pairs(
    labels: Sequence[str], allowed: Allowed, *, numbers: NDArray[np.int64] | None = None
) -> PairTable:
    """All unordered pairs of different concepts whose labels `allowed` lists, each once.

    `labels` are those of the concepts. Of two concepts of one label that one is the head whose
    number is lower: its place in `labels`, or that of `numbers` (concepts,) int64.
    """
    order = np.arange(len(labels)) if numbers is None else numbers
    table = _kind_table(tuple(allowed))
    rows = np.array([table.numbers.get(label, -1) for label in labels], dtype=np.int64)
    kinds = table.kinds[rows[:, None], rows[None, :]]
    alike = rows[:, None] == rows[None, :]
    heads, tails = ((kinds >= 0) & (~alike | (order[:, None] < order[None, :]))).nonzero()
    kinds = kinds[heads, tails]
    by_kind = kinds.argsort(kind="stable")
    return PairTable(heads[by_kind], tails[by_kind], kinds[by_kind])


class _KindTable(NamedTuple):
    """Labels by number, and the kind of pair (head label, tail label), -1 for none: (labels + 1,
    labels + 1) int64, the last row and column for any other label.
    """

    numbers: Mapping[str, int]
    kinds: NDArray[np.int64]


@lru_cache(maxsize=64)
def _kind_table(allowed: tuple[tuple[str, str] | None, ...]) -> _KindTable:
    listed = dict.fromkeys(label for ends in allowed if ends is not None for label in ends)
    numbers = {label: number for number, label in enumerate(listed)}
    kinds = np.full((len(numbers) + 1, len(numbers) + 1), -1, dtype=np.int64)
    for kind, ends in enumerate(allowed):
        if ends is not None:
            kinds[numbers[ends[0]], numbers[ends[1]]] = kind
    return _KindTable(numbers, kinds)
