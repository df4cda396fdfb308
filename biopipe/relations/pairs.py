"""Concepts of a document and the pairs of them that a relation scheme allows."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from biopipe.document import ConceptMentions

__all__ = ["Allowed", "Pair", "has_pair", "pairs"]

# The kinds of pairs a model knows by their labels; None where a scheme leaves a kind out.
Allowed = Sequence[tuple[str, str] | None]


@dataclass(frozen=True, slots=True)
class Pair:
    """Indices of two concepts, ordered by label as the scheme lists it, then by first mention;
    `kind` is its place in that list."""

    head: int
    tail: int
    kind: int = 0


def has_pair(found: Sequence[ConceptMentions], allowed: Allowed) -> bool:
    """Whether `pairs` would give any, without making them."""
    counts = Counter(concept.label for concept in found)
    kinds = [kind for kind in allowed if kind is not None]
    return any(counts[h] > 1 if h == t else counts[h] > 0 and counts[t] > 0 for h, t in kinds)


def pairs(
    found: Sequence[ConceptMentions], allowed: Allowed, among: Iterable[int] | None = None
) -> list[Pair]:
    """All unordered pairs of different concepts whose labels `allowed` lists, each once; `among`
    some of them.
    """
    heads: dict[str, list[int]] = {}
    for index in range(len(found)) if among is None else among:
        heads.setdefault(found[index].label, []).append(index)
    result = []
    for kind, labels in enumerate(allowed):
        head_label, tail_label = labels or ("", "")
        for head in heads.get(head_label, ()) if labels else ():
            for tail in heads.get(tail_label, ()):
                if head_label != tail_label or head < tail:
                    result.append(Pair(head, tail, kind))
    return result
