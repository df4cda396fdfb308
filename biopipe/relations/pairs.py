"""The pairs of a document's concepts that a relation scheme allows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

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
    by_label: dict[str, list[int]] = {}
    for place, label in enumerate(labels):
        by_label.setdefault(label, []).append(place)
    order = np.arange(len(labels)) if numbers is None else numbers
    empty = np.zeros(0, dtype=np.int64)
    heads, tails, kinds = [empty], [empty], [empty]
    for kind, ends in enumerate(allowed):
        if ends is None or not all(end in by_label for end in ends):
            continue
        head, tail = (np.array(by_label[end], dtype=np.int64) for end in ends)
        if ends[0] == ends[1]:
            of_head, of_tail = np.nonzero(order[head][:, None] < order[tail][None, :])
            head, tail = head[of_head], tail[of_tail]
        else:
            head, tail = np.repeat(head, len(tail)), np.tile(tail, len(head))
        heads.append(head)
        tails.append(tail)
        kinds.append(np.full(len(head), kind, dtype=np.int64))
    return PairTable(np.concatenate(heads), np.concatenate(tails), np.concatenate(kinds))
