"""Concepts of a document and the pairs of them that a relation scheme allows."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from biopipe.text.normalize import normalize_name
from biopipe.types import Document, Mention

__all__ = ["NIL_PREFIX", "Allowed", "Concept", "Pair", "concepts", "has_pair", "pairs"]

NIL_PREFIX = "NIL:"
# The kinds of pairs a model knows by their labels; None where a scheme leaves a kind out.
Allowed = Sequence[tuple[str, str] | None]


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept id with the mentions (indices into `Document.mentions`) that carry it, in order of the text."""

    id: str
    label: str
    mentions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Indices of two concepts, ordered by label as the scheme lists it, then by first mention; `kind` is its place
    in that list."""

    head: int
    tail: int
    kind: int = 0


def concepts(document: Document, *, nil: bool = True) -> list[Concept]:
    """The concepts of a document in order of their first mention.

    Mentions without an id take part, grouped by their normalised surface form (the long form where the document
    defines it) under an id that starts with `NIL:`; `nil=False` leaves them out. A concept whose mentions have
    different labels takes the most frequent one, ties by first mention.
    """
    long_forms = _long_forms(document)
    found: dict[str, list[int]] = {}
    for index, mention in enumerate(document.mentions):
        ids: Iterable[str] = dict.fromkeys(mention.concept_ids)
        if not mention.concept_ids and nil:
            ids = [_nil_id(document.text, mention, long_forms)]
        for concept_id in ids:
            found.setdefault(concept_id, []).append(index)
    return [Concept(concept_id, _label(document, each), tuple(each)) for concept_id, each in found.items()]


def _long_forms(document: Document) -> dict[str, str]:
    text = document.text
    return {text[a.start : a.end]: text[a.long_start : a.long_end] for a in document.abbreviations}


def _nil_id(text: str, mention: Mention, long_forms: dict[str, str]) -> str:
    surface = text[mention.start : mention.end]
    name = normalize_name(long_forms.get(surface, surface)) or surface
    return f"{NIL_PREFIX}{mention.label}/{name.replace(' ', '_')}"


def _label(document: Document, mentions: Sequence[int]) -> str:
    counts = Counter(document.mentions[index].label for index in mentions)
    return counts.most_common(1)[0][0]


def has_pair(found: Sequence[Concept], allowed: Allowed) -> bool:
    """Whether `pairs` would give any, without making them."""
    counts = Counter(concept.label for concept in found)
    kinds = [kind for kind in allowed if kind is not None]
    return any(counts[h] > 1 if h == t else counts[h] > 0 and counts[t] > 0 for h, t in kinds)


def pairs(found: Sequence[Concept], allowed: Allowed, among: Iterable[int] | None = None) -> list[Pair]:
    """All unordered pairs of different concepts whose labels `allowed` lists, each once; `among` some of them."""
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
