"""Candidates of mentions from one knowledge base: by exact names, by character n-grams, by vectors,
and by what names meant in annotated text.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Candidate
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.groups import NameHit
from biopipe.linking.biencoder import BiEncoder
from biopipe.linking.commonness import add_prior, joint_meaning
from biopipe.linking.compared_texts import (
    PLAINER_WEIGHT,
    compared_texts,
    is_part,
    name_form_of,
)
from biopipe.linking.evidence import CandidateEvidence, Channel, EvidenceBuilder
from biopipe.linking.filters import ConceptFilters, ConceptSelection
from biopipe.linking.mention_prior import MentionPrior
from biopipe.linking.ranking import CandidateRanker
from biopipe.linking.requests import LinkingRequest
from biopipe.linking.weights import WeightsByLabel

__all__ = ["Retriever"]

# Candidates of each retriever; together they are at most three times as many.
_MOST_HITS = 30
# The score of a name that differs in case and signs at most (`biopipe.kb.prior`).
_SAME_NAME_SCORE = 0.95


class Retriever:
    """Asks one knowledge base; `encoder` None leaves vectors out. `ranker` weighs the answers."""

    def __init__(
        self,
        kb: KnowledgeBase,
        filters: Mapping[str, ConceptFilters],
        encoder: BiEncoder | None,
        weights: WeightsByLabel | None = None,
        prior: MentionPrior | None = None,
    ) -> None:
        self.kb = kb
        self._selection = ConceptSelection(kb, filters)
        self._encoder = encoder
        self.ranker = CandidateRanker(kb, encoder, weights)
        self._prior = prior
        if encoder is not None:
            kb.check_encoder(encoder.name, encoder.hash)

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """The retrievers at work: "exact", and "ngram" and "dense" where the base has them."""
        dense = ("dense",) if self._encoder is not None else ()
        return ("exact", *(("ngram",) if self.kb.has_ngrams else ()), *dense)

    def exact(
        self, label: str, surface: str, *, preferred_types: Sequence[str] = ()
    ) -> tuple[Candidate, ...]:
        """Concepts that have this very name, as `KnowledgeBase.lookup` ranks them.

        Of the first of `preferred_types` that has any; of all types of the label where none has.
        """
        types = self._selection.types(label)
        if types == ():
            return ()
        allowed = self._selection.mask(label)
        candidates = self.kb.lookup(surface, types=types, allowed=allowed)
        if candidates:
            for type_ in preferred_types:
                if type_ in self.kb.types:
                    preferred = self.kb.lookup(surface, types=(type_,), allowed=allowed)
                    if preferred:
                        return tuple(preferred)
        return tuple(candidates)

    def bears_name(self, request: LinkingRequest, concept_id: str) -> bool:
        """Whether this concept and no other has the mention's words as a name, but for case and
        signs.
        """
        same = self.exact(
            request.label, request.surface_forms[0], preferred_types=request.preferred_types
        )
        return (
            len(same) == 1
            and same[0].concept_id == concept_id
            and same[0].score >= _SAME_NAME_SCORE
        )

    def retrieve(self, requests: Sequence[LinkingRequest]) -> CandidateEvidence:
        """All candidates of each request, none of them weighed yet."""
        builder = EvidenceBuilder(len(requests))
        by_label: dict[str, list[int]] = {}
        for index, request in enumerate(requests):
            if self._selection.types(request.label) != ():
                self._add_exact(builder, index, request)
                by_label.setdefault(request.label, []).append(index)
        for label, indices in by_label.items():
            self._add_similar(builder, label, [(i, requests[i]) for i in indices])
            for index in indices if self._prior is not None else ():
                counts = self._counts(requests[index])
                add_prior(builder, index, counts, self._selection, label)
        labels = [request.label for request in requests]
        return builder.build(
            lambda owners, concepts: self._type_ranks(labels, owners, concepts),
            self.kb.name_counts,
        )

    def joint_concepts(self, request: LinkingRequest) -> tuple[Candidate, ...]:
        """The concepts that the mention's name meant together in most annotated text; none where it
        meant one.
        """
        if self._prior is None or self._selection.types(request.label) == ():
            return ()
        rows, share = joint_meaning(self._counts(request), self._selection, request.label)
        return tuple(self.ranker.candidate(row, share) for row in rows)

    def _counts(self, request: LinkingRequest) -> Mapping[str, int]:
        assert self._prior is not None
        return self._prior.counts(request.label, request.surface_forms[0])

    def _add_exact(self, builder: EvidenceBuilder, index: int, request: LinkingRequest) -> None:
        """Candidates of the first surface form, or else other name, that is a name; it says more
        than all later ones.
        """
        name, candidates = self._first_name(request, request.surface_forms)
        other = not candidates
        if other:
            name, candidates = self._first_name(request, request.other_names())
        in_words = name_form_of(request.label).other_names_are_words
        says_less = other and (not in_words or is_part(name, request.surface_forms))
        for candidate in candidates[:_MOST_HITS]:
            row = self.kb.concept_row(candidate.concept_id)
            assert row is not None, candidate.concept_id
            numbers = builder.candidate(index, row)
            numbers[Channel.EXACT], numbers[Channel.BY_OTHER_NAME] = candidate.score, says_less
            if in_words and self._encoder is not None:
                # Alike by spelling and meaning too, in another spelling or form as well.
                same = not other and candidate.score >= _SAME_NAME_SCORE
                likeness = 1.0 if same else PLAINER_WEIGHT
                numbers[Channel.DENSE] = numbers[Channel.NGRAM] = likeness

    def _first_name(
        self, request: LinkingRequest, names: Iterable[str]
    ) -> tuple[str, tuple[Candidate, ...]]:
        """The first of `names` that is one, and the concepts that bear it; "" and () for none."""
        for name in names:
            candidates = self.exact(request.label, name, preferred_types=request.preferred_types)
            if candidates:
                return name, candidates
        return "", ()

    def _add_similar(
        self, builder: EvidenceBuilder, label: str, requests: Sequence[tuple[int, LinkingRequest]]
    ) -> None:
        """Candidates with similar names of requests of one label; without vectors only where there
        is no exact one, and not of codes.

        N-grams alone seldom overrule an exact name, and in a large knowledge base they take most of
        the time.
        """
        codes = name_form_of(label).codes
        texts = [
            (index, text, weight)
            for index, request in requests
            if self._encoder is not None or not (codes or builder.has_candidates(index))
            for text, weight in compared_texts(request).items()
        ]
        if not texts:
            return
        names, allowed = [text for _, text, _ in texts], self._selection.mask(label)
        if "ngram" in self.channels:
            hits = self.kb.search_ngrams(names, _MOST_HITS, allowed)
            _add_hits(builder, Channel.NGRAM, texts, hits)
        if self._encoder is not None:
            hits = self.kb.search_dense(self._encoder.encode(names, batch=1), _MOST_HITS, allowed)
            _add_hits(builder, Channel.DENSE, texts, hits)

    def _type_ranks(
        self, labels: Sequence[str], owners: NDArray[np.int64], concepts: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        ranks = np.zeros(len(concepts), np.int64)
        for label in dict.fromkeys(labels):
            if len(self._selection.types(label) or ()) > 1:
                own = np.array([of == label for of in labels])[owners]
                ranks[own] = self._selection.type_ranks(label, concepts[own])
        return ranks


def _add_hits(
    builder: EvidenceBuilder,
    channel: int,
    texts: Iterable[tuple[int, str, float]],
    hits: Iterable[Sequence[NameHit]],
) -> None:
    for (index, _, weight), of_text in zip(texts, hits, strict=True):
        for hit in of_text:
            numbers = builder.candidate(index, int(hit.concept))
            numbers[channel] = max(numbers[channel], round(weight * float(hit.score), 4))
