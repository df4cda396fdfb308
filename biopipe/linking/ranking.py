"""Candidates by falling probability, from what the retrievers found."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np

from biopipe.document import Candidate
from biopipe.kb.base import KnowledgeBase
from biopipe.linking.biencoder import BiEncoder
from biopipe.linking.evidence import CandidateEvidence
from biopipe.linking.requests import LinkingRequest
from biopipe.linking.scoring import candidate_scores
from biopipe.linking.weights import (
    LinkerWeights,
    WeightsByLabel,
    parse_weights,
    shipped_weights,
)

__all__ = ["CandidateRanker"]

# No answer is certain, and a threshold of 1 leaves every mention NIL.
_HIGHEST_SCORE = 0.9999
_SCORE_DIGITS = 4


class CandidateRanker:
    """Gives the candidates of one base their probabilities.

    `weights` None are those that the encoder's model carries, else those that ship.
    """

    def __init__(
        self, kb: KnowledgeBase, encoder: BiEncoder | None, weights: WeightsByLabel | None
    ) -> None:
        self._kb, self._encoder, self._given = kb, encoder, weights

    def rank(
        self,
        requests: Sequence[LinkingRequest],
        evidence: CandidateEvidence,
        *,
        most: int | None = None,
    ) -> list[list[Candidate]]:
        """The candidates of each request by falling probability, equal ones as found; `most` of
        them.
        """
        surfaces = [request.surface_forms[0] for request in requests]
        labels = [request.label for request in requests]
        weights = self._weights_of(labels, evidence)
        scores = candidate_scores(surfaces, labels, evidence, weights)
        scores = np.minimum(_HIGHEST_SCORE, np.round(scores, _SCORE_DIGITS))
        owners = evidence.owners
        best = np.lexsort((-scores, owners))
        if most is not None:
            best = best[np.arange(len(best)) - evidence.starts[owners] < most]
        ranked = self.candidates(
            zip(evidence.concepts[best].tolist(), scores[best].tolist(), strict=True)
        )
        ends = np.searchsorted(owners[best], np.arange(len(evidence) + 1)).tolist()
        return [ranked[first:end] for first, end in pairwise(ends)]

    def candidates(self, scored: Iterable[tuple[int, float]]) -> list[Candidate]:
        """The candidates of rows of the concept table with their scores."""
        scored = list(scored)
        records = self._kb.concept_records(concept for concept, _ in scored)
        return [
            Candidate((record := records[concept]).id, record.name, score)
            for concept, score in scored
        ]

    @cached_property
    def _all_weights(self) -> WeightsByLabel:
        if self._given is not None:
            return self._given
        if self._encoder is None and not self._kb.has_ngrams:
            return {}
        own = None if self._encoder is None else self._encoder.manifest.calibration.get("linker")
        return parse_weights(own) if own else shipped_weights(dense=self._encoder is not None)

    def _weights_of(
        self, labels: Sequence[str], evidence: CandidateEvidence
    ) -> list[LinkerWeights | None]:
        """What turns features into probabilities: given, of the encoder, or shipped; None for exact
        names alone.
        """
        weights = [self._all_weights.get(label) or self._all_weights.get("") for label in labels]
        if self._encoder is None:
            has_exact = evidence.has_exact()
            has_prior = (
                np.bincount(evidence.owners, evidence.prior > 0, minlength=len(evidence)) > 0
            )
            # Nothing else was looked for, so the score of the exact name stands, unless the label
            # has weights of its own: those are fitted on such mentions too.
            has_weights = np.array([label in self._all_weights for label in labels], np.bool_)
            plain = has_exact & ~has_prior & ~has_weights
            for mention in np.flatnonzero(plain).tolist():
                weights[mention] = None
        return weights
