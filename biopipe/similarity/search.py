"""The documents nearest to one by their concepts, and which concepts make them so."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from biopipe.errors import ConfigError
from biopipe.similarity.concept_sets import ConceptSet
from biopipe.similarity.corpus import CorpusDocument
from biopipe.similarity.measure import ConceptSimilarity
from biopipe.similarity.set_index import POLARITIES

__all__ = ["SharedConcept", "SimilarDocument", "nearest_documents"]

# Concepts that are less alike have an ancestor in common that tells next to nothing.
_LEAST_LIKENESS = 0.1


@dataclass(frozen=True, slots=True)
class SharedConcept:
    """A concept of the query and the likest one of a document, both stated or both `denied`.

    `likeness` is 1 for the same concept, `weight` what the query's one tells, both from 0 to 1.
    """

    query_id: str
    document_id: str
    likeness: float
    weight: float
    denied: bool


@dataclass(frozen=True, slots=True)
class SimilarDocument:
    """A document, how alike it is to the query (0 to 1), and by which concepts, the weightiest
    first.
    """

    id: str
    source: str
    score: float
    shared: tuple[SharedConcept, ...]


def nearest_documents(
    measure: ConceptSimilarity,
    query: ConceptSet,
    documents: Sequence[CorpusDocument],
    count: int,
    *,
    leave_out: Collection[int] = (),
) -> list[SimilarDocument]:
    """The `count` documents most alike to `query`, the best first, equal ones in their order; those
    that have nothing in common with it are not among them.

    `leave_out` are places in `documents`, such as that of the query itself. ConfigError for a
    `count` below 1.
    """
    if count < 1:
        raise ConfigError(f"{count} documents were asked for; give 1 or more.")
    scores = measure.scores(query, measure.index([document.concepts for document in documents]))
    # Left out here and not before, so that places stay those of `documents`.
    scores[list(leave_out)] = 0.0
    best = np.argsort(-scores, kind="stable")[:count]
    return [
        SimilarDocument(
            documents[place].id,
            documents[place].source,
            float(scores[place]),
            _shared(measure, query, documents[place].concepts),
        )
        for place in best.tolist()
        if scores[place] > 0
    ]


def _shared(
    measure: ConceptSimilarity, query: ConceptSet, other: ConceptSet
) -> tuple[SharedConcept, ...]:
    index = measure.index([other])
    shared = []
    for polarity in POLARITIES:
        members = index.members[polarity].concepts
        asked = sorted({measure.current(concept_id) for concept_id in getattr(query, polarity)})
        for concept_id in asked if len(members) else ():
            likeness = measure.similarities(concept_id, index)[members]
            best = int(np.argmax(likeness))
            if likeness[best] >= _LEAST_LIKENESS:
                shared.append(
                    SharedConcept(
                        concept_id,
                        index.ids[int(members[best])],
                        float(likeness[best]),
                        measure.weight(concept_id),
                        polarity == "denied",
                    )
                )
    return tuple(sorted(shared, key=lambda c: (-c.weight * c.likeness, c.query_id)))
