"""What a reranker is asked: a mention in its context, and the candidates that the linker found."""

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from biopipe.document import Candidate, Document
from biopipe.kb.base import KnowledgeBase
from biopipe.linking.evidence import CandidateEvidence
from biopipe.linking.linker import ExplainedMention, Linker
from biopipe.linking.rerank import MOST_RERANKED, NO_CONCEPT, candidate_text, mention_context
from biopipe.train.linking.examples import HALVED, half_of

__all__ = ["RerankingChoice", "doubtful_choices", "reranking_choices", "without_right"]

# Most mentions are plain names; the few that are not are what a reranker is for.
SURE_SCORE, KEPT_SHARE_OF_SURE = 0.95, 0.25


@dataclass(frozen=True, slots=True)
class RerankingChoice:
    """One mention: what the model reads, the candidates' prior probabilities, and which is right.

    The last of `texts` and of `prior` stands for no concept; `right` is a place in them.
    """

    reading: str
    context: str
    texts: tuple[str, ...]
    prior: tuple[float, ...]
    right: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _LinkedMention:
    """A mention with at most one concept, as the linker sees it; `right` are the ids that are
    meant.
    """

    explained: ExplainedMention
    right: Collection[str | None]
    kb: KnowledgeBase

    def choice(self, candidates: Sequence[Candidate], weight: float = 1.0) -> RerankingChoice:
        ids = [candidate.concept_id for candidate in candidates]
        place = next((place for place, id_ in enumerate(ids) if id_ in self.right), len(ids))
        # "None of these" is a candidate as well, always the last.
        texts = (*(candidate_text(self.kb, id_) for id_ in ids), NO_CONCEPT)
        prior = [candidate.score for candidate in candidates]
        return RerankingChoice(
            self.explained.request.surface_forms[0],
            mention_context(self.explained.document, self.explained.mention),
            texts,
            (*prior, max(0.0, 1.0 - sum(prior))),
            place,
            weight,
        )


def reranking_choices(
    documents: Sequence[Document],
    linker: Linker,
    bases: Mapping[str, KnowledgeBase],
    *,
    seed: int | None = None,
) -> Iterator[RerankingChoice]:
    """Mentions of the labels of `bases` with at most one concept; with `seed` most of the sure ones
    are left out.
    """
    rng = random.Random(seed)
    for asked in _linked_mentions(documents, linker, bases):
        first = linker.weigh(asked.explained.request, asked.explained.evidence)[:MOST_RERANKED]
        sure = first[0].score > SURE_SCORE and first[0].concept_id in asked.right
        if seed is None or not sure or rng.random() <= KEPT_SHARE_OF_SURE:
            yield asked.choice(first)


def doubtful_choices(
    documents: Sequence[Document], linker: Linker, bases: Mapping[str, KnowledgeBase]
) -> Iterator[RerankingChoice]:
    """What the reranker is asked of `documents`, and would be with either half of the concepts
    gone.
    """
    for asked in _linked_mentions(documents, linker, bases):
        request, every = asked.explained.request, asked.explained.evidence
        halves = np.array([half_of(id_) for id_ in asked.explained.candidate_ids], np.int64)
        tried: list[tuple[CandidateEvidence, float]] = [(every, 1.0)]
        tried += [(every.keep(halves == half), HALVED) for half in (0, 1)]
        for evidence, weight in tried:
            first = linker.weigh(request, evidence)[:MOST_RERANKED]
            if first and linker.is_doubtful(request, first):
                yield asked.choice(first, weight)


def _linked_mentions(
    documents: Sequence[Document], linker: Linker, bases: Mapping[str, KnowledgeBase]
) -> Iterator[_LinkedMention]:
    for explained in linker.explain(documents):
        gold_ids = explained.mention.concept_ids
        kb = bases.get(explained.mention.label)
        if (
            kb is None
            or len(gold_ids) > 1
            or explained.request.written_concept is not None
            or not len(explained.evidence.concepts)
        ):
            continue
        right = {explained.kb.canonical(concept_id) for concept_id in gold_ids}
        yield _LinkedMention(explained, right, kb)


def without_right(choice: RerankingChoice) -> RerankingChoice:
    """The same mention were its concept not in the knowledge base."""
    if choice.right == len(choice.texts) - 1:
        return choice
    kept = [i for i in range(len(choice.texts)) if i != choice.right]
    return replace(
        choice,
        texts=tuple(choice.texts[i] for i in kept),
        prior=tuple(choice.prior[i] for i in kept),
        right=len(kept) - 1,
    )
