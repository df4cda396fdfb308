"""Concept ids as scorers compare them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from biopipe.document import Document
from biopipe.language.variant_ids import variant_without_gene

__all__ = ["Canonical", "LabelledSpan", "bare", "bare_ids", "linked_spans", "with_canonical_ids"]

# The name of an allele has a colon too: HLA-B*57:01.
_PREFIX = re.compile(r"\A[A-Za-z][\w.-]*:")

# start, end and label of a mention
LabelledSpan = tuple[int, int, str]

# The main id of the concept that the knowledge base of a mention label has for an id; None if it
# has none.
Canonical = Callable[[str, str], str | None]


def with_canonical_ids(document: Document, canonical: Canonical) -> Document:
    """The document with all ids of one concept written as its main id: a terminology may have
    several for it.

    Ids that the knowledge base lacks stay; those of relations are taken as ids of the label their
    mentions have.
    """
    labels: dict[str, str] = {}

    def main(label: str, concept_id: str) -> str:
        # Corpora write ids without their prefix, which a base finds under the bare one.
        return canonical(label, concept_id) or canonical(label, bare(concept_id)) or concept_id

    mentions = []
    for mention in document.mentions:
        labels |= dict.fromkeys(mention.concept_ids, mention.label)
        ids = dict.fromkeys(main(mention.label, concept_id) for concept_id in mention.concept_ids)
        mentions.append(replace(mention, concept_ids=tuple(ids)))

    def end(concept_id: str) -> str:
        return main(labels.get(concept_id, ""), concept_id)

    relations = tuple(
        replace(r, head=end(r.head), tail=end(r.tail), subject=r.subject and end(r.subject))
        for r in document.relations
    )
    return replace(document, mentions=tuple(mentions), relations=relations, concepts=None)


def bare(concept_id: str) -> str:
    """The id without its prefix: corpora write D003924 or 143100 where a knowledge base has a
    CURIE. A variant's id is without its gene too, which few corpora give.
    """
    concept_id = variant_without_gene(concept_id)
    return _PREFIX.sub("", concept_id, count=1) or concept_id


def bare_ids(concept_ids: Iterable[str]) -> frozenset[str]:
    """Ids as a set without prefixes."""
    return frozenset(bare(concept_id) for concept_id in concept_ids)


def linked_spans(
    document: Document, labels: Iterable[str]
) -> Mapping[LabelledSpan, frozenset[str]]:
    """Each span with one of `labels` and its concept ids; a span annotated twice has the ids of
    both.
    """
    wanted = set(labels)
    spans: dict[LabelledSpan, frozenset[str]] = {}
    for mention in document.mentions:
        if mention.label in wanted:
            span = (mention.start, mention.end, mention.label)
            spans[span] = spans.get(span, frozenset()) | bare_ids(mention.concept_ids)
    return spans
