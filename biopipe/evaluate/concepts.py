"""Concept ids as scorers compare them."""

from collections.abc import Iterable, Mapping

from biopipe.types import Document

__all__ = ["Span", "bare", "bare_ids", "linked_spans"]

# start, end and label of a mention
Span = tuple[int, int, str]


def bare(concept_id: str) -> str:
    """The id without its prefix: corpora write D003924 or 143100 where a knowledge base has a CURIE."""
    _, colon, rest = concept_id.partition(":")
    return rest if colon and rest else concept_id


def bare_ids(concept_ids: Iterable[str]) -> frozenset[str]:
    """Ids as a set without prefixes."""
    return frozenset(bare(concept_id) for concept_id in concept_ids)


def linked_spans(document: Document, labels: Iterable[str]) -> Mapping[Span, frozenset[str]]:
    """Each span with one of `labels` and its concept ids; a span annotated twice has the ids of both."""
    chosen = set(labels)
    found: dict[Span, frozenset[str]] = {}
    for mention in document.mentions:
        if mention.label in chosen:
            span = (mention.start, mention.end, mention.label)
            found[span] = found.get(span, frozenset()) | bare_ids(mention.concept_ids)
    return found
