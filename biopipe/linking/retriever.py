"""Candidates of mentions from one knowledge base: by exact names, by character n-grams, by vectors,
and by what names meant in annotated text.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Candidate
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.exact import NameBearer
from biopipe.kb.groups import NameHits
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
from biopipe.linking.name_comparison import (
    COMPARISON_FEATURES,
    SAYS_OTHER,
    closest_comparison,
)
from biopipe.linking.ranking import CandidateRanker
from biopipe.linking.requests import LinkingRequest
from biopipe.linking.weights import WeightsByLabel
from biopipe.text.normalize import normalize_name

__all__ = ["Retriever"]

# Candidates of each retriever; together they are at most three times as many.
_MOST_HITS = 30
# The score of a name that differs in case and signs at most (`biopipe.kb.prior`).
_SAME_NAME_SCORE = 0.95
_SCORE_DIGITS = 4


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
        if candidates and (preferred := self._preferred(label, surface, preferred_types)):
            return tuple(self.ranker.candidates(preferred))
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
        by_label: dict[str, list[tuple[int, LinkingRequest]]] = {}
        for index, request in enumerate(requests):
            if self._selection.types(request.label) != ():
                by_label.setdefault(request.label, []).append((index, request))
        for label, asked in by_label.items():
            self._add_exact(builder, label, asked)
            self._add_similar(builder, label, asked)
            for index, request in asked if self._prior is not None else ():
                counts = self._counts(request)
                if counts and not self._is_preferred_name(request):
                    add_prior(builder, index, counts, self._selection, label)
        labels = [request.label for request in requests]
        return builder.build(
            lambda owners, concepts: self._type_ranks(labels, owners, concepts),
            self.kb.name_counts,
            lambda owners, names: self._words(requests, owners, names),
        )

    def joint_concepts(self, request: LinkingRequest) -> tuple[Candidate, ...]:
        """The concepts that the mention's name meant together in most annotated text; none where it
        meant one.
        """
        if self._prior is None or self._selection.types(request.label) == ():
            return ()
        counts = self._counts(request)
        rows, share = joint_meaning(counts, self._selection, request.label) if counts else ((), 0.0)
        return tuple(self.ranker.candidates([(row, share) for row in rows])) if rows else ()

    def _is_preferred_name(self, request: LinkingRequest) -> bool:
        """Whether the likeliest concept that bears the mention's words has them as its preferred
        name and is of the system that the base prefers: what else annotators meant by them does not
        go before that. A base that prefers none is searched as annotators meant it.
        """
        surface = request.surface_forms[0]
        same = self.exact(request.label, surface, preferred_types=request.preferred_types)
        if not self.kb.prefer or not same:
            return False
        row = self.kb.concept_row(same[0].concept_id)
        return (
            row is not None
            and self.kb.concept_records([row])[row].system == 0
            and normalize_name(same[0].name) == normalize_name(surface)
        )

    def _counts(self, request: LinkingRequest) -> Mapping[str, int]:
        assert self._prior is not None
        return self._prior.counts(request.label, request.surface_forms[0])

    def _add_exact(
        self, builder: EvidenceBuilder, label: str, requests: Sequence[tuple[int, LinkingRequest]]
    ) -> None:
        """Candidates of the first surface form, or else other name, that is a name; it says more
        than all later ones.
        """
        forms = self._first_names(label, [(r, r.surface_forms) for _, r in requests])
        without = [
            (r, r.other_names())
            for (_, r), (name, _) in zip(requests, forms, strict=True)
            if not name
        ]
        others = iter(self._first_names(label, without))
        in_words = name_form_of(label).other_names_are_words
        for (index, request), (name, bearers) in zip(requests, forms, strict=True):
            other = not name
            if other:
                name, bearers = next(others)
            says_less = other and (not in_words or is_part(name, request.surface_forms))
            for concept, score in bearers[:_MOST_HITS]:
                builder.add(index, concept, Channel.EXACT, score)
                if other:
                    builder.add(index, concept, Channel.MADE_NAME, 1.0)
                if says_less:
                    builder.add(index, concept, Channel.BY_OTHER_NAME, 1.0)
                if in_words and self._encoder is not None:
                    # Alike by spelling and meaning too, in another spelling or form as well.
                    same = not other and score >= _SAME_NAME_SCORE
                    likeness = 1.0 if same else PLAINER_WEIGHT
                    builder.add(index, concept, Channel.DENSE, likeness)
                    builder.add(index, concept, Channel.NGRAM, likeness)

    def _first_names(
        self, label: str, asked: Sequence[tuple[LinkingRequest, Sequence[str]]]
    ) -> list[tuple[str, Sequence[NameBearer]]]:
        """For each request the first of its names that is one, and the concepts that bear it; ""
        and () for none.
        """
        types, allowed = self._selection.types(label), self._selection.mask(label)
        names = list(dict.fromkeys(name for _, of_request in asked for name in of_request))
        bearers = dict(
            zip(names, self.kb.bearers(names, types=types, allowed=allowed), strict=True)
        )
        first: list[tuple[str, Sequence[NameBearer]]] = []
        for request, of_request in asked:
            name = next((name for name in of_request if bearers[name]), None)
            if name is None:
                first.append(("", ()))
            else:
                preferred = self._preferred(label, name, request.preferred_types)
                first.append((name, preferred or bearers[name]))
        return first

    def _preferred(
        self, label: str, name: str, preferred_types: Sequence[str]
    ) -> Sequence[NameBearer]:
        """The concepts that bear a name, of the first of the types that has any; () for none."""
        for type_ in preferred_types:
            if type_ in self.kb.types:
                allowed = self._selection.mask(label)
                (bearers,) = self.kb.bearers([name], types=(type_,), allowed=allowed)
                if bearers:
                    return bearers
        return ()

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
            hits = self.kb.ngram_hits(names, _MOST_HITS, allowed)
            _add_hits(builder, Channel.NGRAM, texts, hits)
        if self._encoder is not None:
            hits = self.kb.dense_hits(self._encoder.encode(names, batch=1), _MOST_HITS, allowed)
            _add_hits(builder, Channel.DENSE, texts, hits)

    def _words(
        self,
        requests: Sequence[LinkingRequest],
        owners: NDArray[np.int64],
        names: NDArray[np.int64],
    ) -> NDArray[np.float64]:
        """How the words of mentions and names relate, (candidates, COMPARISON_FEATURES)."""
        words = np.zeros((len(names), len(COMPARISON_FEATURES)))
        words[names < -1] = SAYS_OTHER
        compared = np.flatnonzero(names >= 0)
        texts: dict[int, tuple[str, ...]] = {}
        columns = (compared.tolist(), owners[compared].tolist(), names[compared].tolist())
        for place, owner, name in zip(*columns, strict=True):
            if owner not in texts:
                texts[owner] = tuple(compared_texts(requests[owner]))
            words[place] = closest_comparison(texts[owner], self.kb.name_text(name))
        return words

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
    texts: Sequence[tuple[int, str, float]],
    hits: NameHits,
) -> None:
    """Add the hits of texts, each with the mention it is of and how much its scores count."""
    mentions = np.array([mention for mention, _, _ in texts], np.int64)
    weights = np.array([weight for _, _, weight in texts])
    numbers = np.round(weights[hits.queries] * hits.scores, _SCORE_DIGITS)
    builder.add_many(mentions[hits.queries], hits.concepts, channel, numbers, hits.names)
