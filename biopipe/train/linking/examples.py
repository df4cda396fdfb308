"""Mentions as the linker's retrievers see them, to fit its weights on.

Every mention counts as it is, and once more with half of the concepts taken away, so that NIL is
learnt from mentions whose concept is truly not there while its neighbours are.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document
from biopipe.linking.evidence import CandidateEvidence
from biopipe.linking.linker import ExplainedMention, Linker
from biopipe.linking.requests import LinkingRequest
from biopipe.linking.scoring import candidate_features, nil_features

__all__ = ["HALVED", "LinkingExample", "half_of", "linking_examples"]

# How much a mention counts with half of the knowledge base gone: less, since most mentions of a
# text are in it.
HALVED = 0.5


@dataclass(frozen=True, slots=True)
class LinkingExample:
    """Features of the candidates (n, features) and of NIL; `right` marks the candidates that are
    meant, if any is. `whole`: no concepts were taken away.
    """

    document: str
    label: str
    candidates: NDArray[np.float64]
    nil: NDArray[np.float64]
    right: NDArray[np.bool_]
    weight: float
    whole: bool


def linking_examples(
    documents: Sequence[Document],
    linker: Linker,
    *,
    weight: float = 1.0,
    halved: float = HALVED,
    any_of: bool = False,
) -> Iterator[LinkingExample]:
    """The mentions of `documents` that have at most one concept, as the linker's retrievers see
    them, and at the weight `halved` (0: not at all) with either half of the concepts gone.

    With `any_of` several ids of a mention are so many right answers. Mentions that a dictionary
    linked are left out, as the linker leaves them.
    """
    for explained in linker.explain(documents):
        request, gold_ids = explained.request, explained.mention.concept_ids
        gold = {explained.kb.canonical(concept_id) for concept_id in gold_ids}
        if (len(gold_ids) > 1 and not any_of) or not _tells(explained, gold, any_of=any_of):
            continue
        ids = explained.candidate_ids
        right = np.array([concept_id in gold for concept_id in ids], dtype=np.bool_)
        # By a hash of the id, so that a concept is in the same half for every mention.
        halves = np.array([half_of(concept_id) for concept_id in ids], dtype=np.int64)
        may_be_same = np.zeros(len(ids), np.bool_) if any_of else _may_be_same(explained, gold)
        document, every = explained.document.id, np.ones(len(ids), np.bool_)
        variants = [(every, weight), *((halves == half, weight * halved) for half in (0, 1))]
        for kept, part in variants if halved else variants[:1]:
            # With the right concept gone, one that may be the same under another system's id must
            # not be taught as wrong.
            if right[kept].any() or not may_be_same[kept].any():
                evidence = explained.evidence.keep(kept)
                whole = kept is every
                yield _example(document, request, evidence, right[kept], part, whole=whole)


def _tells(explained: ExplainedMention, gold: Collection[str | None], *, any_of: bool) -> bool:
    """Whether the gold ids of a mention tell which candidate is right.

    They do not where the base knows none of them: it may have the concept under an id of another
    system (of 30 such links of BC5CDR, BioRED and NCBI dev 26 were right by eye). Nor where its
    genes are of another species than the document's: whether an orthologue will do is not for
    annotators of genes to say. Candidates of unlikely types, and those of misleading names, are
    weighed again outside of the softmax.
    """
    request = explained.request
    if explained.mention.dictionary or request.written_concept is not None:
        return False
    if request.unlikely_types or explained.misleads:
        return False
    if any_of or not gold:
        return True
    if gold == {None}:
        return False
    species, types = request.preferred_types[:1], explained.kb.types
    if not species or species[0] in types:
        return True
    system = species[0].partition(":")[0] + ":"
    return not any(type_.startswith(system) for type_ in types)


def _may_be_same(explained: ExplainedMention, gold: Collection[str | None]) -> NDArray[np.bool_]:
    """Which candidates bear the mention's own name and are of another system than the gold ids: two
    systems have the same concept twice where no cross-reference says so.
    """
    systems = {concept_id.partition(":")[0] for concept_id in gold if concept_id}
    evidence = explained.evidence
    others = [id_.partition(":")[0] not in systems for id_ in explained.candidate_ids]
    answer: NDArray[np.bool_] = (evidence.exact > 0) & ~evidence.by_made_name & (len(systems) > 0)
    return answer & np.array(others, np.bool_)


def half_of(concept_id: str) -> int:
    """0 or 1: which half of a knowledge base a concept is in."""
    return hashlib.blake2b(concept_id.encode(), digest_size=1).digest()[0] % 2


def _example(
    document: str,
    request: LinkingRequest,
    evidence: CandidateEvidence,
    right: NDArray[np.bool_],
    weight: float,
    *,
    whole: bool,
) -> LinkingExample:
    surfaces, labels = [request.surface_forms[0]], [request.label]
    candidates = candidate_features(surfaces, labels, evidence)
    (nil,) = nil_features(surfaces, labels, evidence)
    return LinkingExample(document, request.label, candidates, nil, right, weight, whole)
