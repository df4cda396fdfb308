"""Candidates with names similar to a mention, by character 3-grams and by vectors."""

from collections.abc import Sequence

import numpy as np

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.groups import Mask, NameHits
from biopipe.linking.biencoder import BiEncoder
from biopipe.linking.compared_texts import compared_texts, name_form_of
from biopipe.linking.evidence import Channel, EvidenceBuilder
from biopipe.linking.misspelt import have_unknown_words, may_be_misspelt, misspelt_hits
from biopipe.linking.requests import LinkingRequest

__all__ = ["MOST_HITS", "SimilarNames"]

# Candidates of each retriever; together they are at most three times as many.
MOST_HITS = 30
_SCORE_DIGITS = 4
# A request by its place, a text of it, and how much the similarities of that count.
_Text = tuple[int, str, float]


class SimilarNames:
    """Asks the indexes of one base; `encoder` None leaves vectors out."""

    def __init__(self, kb: KnowledgeBase, encoder: BiEncoder | None) -> None:
        self._kb, self._encoder = kb, encoder

    def add(
        self,
        builder: EvidenceBuilder,
        label: str,
        requests: Sequence[tuple[int, LinkingRequest]],
        allowed: Mask | None,
    ) -> None:
        """Add candidates of requests of one label; without vectors only where there is no exact
        name, and of codes only what is misspelt.

        N-grams alone seldom overrule an exact name, and in a large knowledge base they take most of
        the time.
        """
        if self._encoder is None:
            requests = [pair for pair in requests if not builder.has_candidates(pair[0])]
        if self._encoder is None and name_form_of(label).codes:
            self._add_misspelt(builder, requests, allowed)
            return
        texts = [
            (index, text, weight)
            for index, request in requests
            for text, weight in compared_texts(request).items()
        ]
        if not texts:
            return
        names = [text for _, text, _ in texts]
        if self._kb.has_ngrams:
            hits = self._kb.ngram_hits(names, MOST_HITS, allowed)
            _add_hits(builder, Channel.NGRAM, texts, hits)
        if self._encoder is not None:
            hits = self._kb.dense_hits(self._encoder.encode(names, batch=1), MOST_HITS, allowed)
            _add_hits(builder, Channel.DENSE, texts, hits)

    def _add_misspelt(
        self,
        builder: EvidenceBuilder,
        requests: Sequence[tuple[int, LinkingRequest]],
        allowed: Mask | None,
    ) -> None:
        if not self._kb.has_ngrams:
            return
        may_be = [
            (index, surface, 1.0)
            for index, surface in ((index, request.surface_forms[0]) for index, request in requests)
            if may_be_misspelt(surface)
        ]
        unknown = have_unknown_words(self._kb, [surface for _, surface, _ in may_be])
        texts = [text for text, has_unknown in zip(may_be, unknown, strict=True) if has_unknown]
        if texts:
            names = [text for _, text, _ in texts]
            hits = misspelt_hits(self._kb, names, MOST_HITS, allowed)
            _add_hits(builder, Channel.NGRAM, texts, hits)


def _add_hits(
    builder: EvidenceBuilder,
    channel: int,
    texts: Sequence[_Text],
    hits: NameHits,
) -> None:
    """Add the hits of texts, each with the mention it is of and how much its scores count."""
    mentions = np.array([mention for mention, _, _ in texts], np.int64)
    weights = np.array([weight for _, _, weight in texts])
    numbers = np.round(weights[hits.queries] * hits.scores, _SCORE_DIGITS)
    builder.add_many(mentions[hits.queries], hits.concepts, channel, numbers, hits.names)
