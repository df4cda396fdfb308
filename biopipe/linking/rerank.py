"""A cross-encoder that reads a mention in its context against each candidate, and against none of
them.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Candidate, Document, Mention
from biopipe.kb.base import KnowledgeBase
from biopipe.runtime.opened import open_model
from biopipe.runtime.session import Session
from biopipe.runtime.tokenizer import Tokenizer

__all__ = ["MOST_RERANKED", "CrossEncoderInputs", "Reranker", "candidate_text", "mention_context"]

MOST_RERANKED = 5
# The text in the candidate's place when the question is whether the concept is missing.
NO_CONCEPT = "none of the concepts"

_CONTEXT_TOKENS, _MENTION_TOKENS, _CANDIDATE_TOKENS = 32, 16, 32
_CONTEXT_CHARACTERS = 150
_SYNONYMS = 3
# Keeps the logarithm of a probability that was rounded to nothing finite.
_LEAST_PROBABILITY = 1e-4


def mention_context(document: Document, mention: Mention) -> str:
    """The text around a mention, at most 150 characters on each side."""
    return document.text[
        max(0, mention.start - _CONTEXT_CHARACTERS) : mention.end + _CONTEXT_CHARACTERS
    ]


def candidate_text(kb: KnowledgeBase, concept_id: str) -> str:
    """What the cross-encoder reads of a concept: preferred name, some synonyms, types,
    definition.
    """
    concept = kb.concept(concept_id)
    parts = [
        "; ".join((concept.name, *concept.synonyms[:_SYNONYMS])),
        ", ".join(concept.types),
        concept.definition,
    ]
    return ". ".join(part for part in parts if part)


class CrossEncoderInputs:
    """Token ids of (mention, context, candidate): the mention's surface form, its context, then
    the candidate.

    Context and candidate are cut to 32 tokens each, the context around its middle, where the
    mention is.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def feeds(
        self, surface: str, context: str, candidates: Sequence[str]
    ) -> Iterator[dict[str, NDArray[np.int64]]]:
        """One feed a candidate: input_ids, attention_mask and token_type_ids, each (1, tokens)."""
        mention, around, *texts = (
            t.ids.tolist() for t in self._tokenizer.encode([surface, context, *candidates])
        )
        prefix, suffix = list(self._tokenizer.prefix), list(self._tokenizer.suffix)
        excess = max(0, len(around) - _CONTEXT_TOKENS) // 2
        around = around[excess : excess + _CONTEXT_TOKENS]
        first = [*prefix, *mention[:_MENTION_TOKENS], *suffix, *around, *suffix]
        for text in texts:
            second = [*text[:_CANDIDATE_TOKENS], *suffix]
            ids = np.array([first + second], dtype=np.int64)
            types = np.array([[0] * len(first) + [1] * len(second)], dtype=np.int64)
            yield {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}


class Reranker:
    """Weighs the linker's probabilities with what a cross-encoder makes of the context."""

    def __init__(
        self, model: str | Path, *, device: str = "cpu", threads: int | None = None
    ) -> None:
        self._opened = open_model(model, task="cross-encoder")
        self.model_path, self.manifest = self._opened
        self.device, self.threads = device, threads

    def __getstate__(self) -> dict[str, Any]:
        return {
            key: value for key, value in self.__dict__.items() if key not in {"_inputs", "_session"}
        }

    @cached_property
    def _inputs(self) -> CrossEncoderInputs:
        return CrossEncoderInputs(self._opened.tokenizer())

    @cached_property
    def _session(self) -> Session:
        return self._opened.session(device=self.device, threads=self.threads)

    def rerank(
        self, kb: KnowledgeBase, asked: Sequence[tuple[str, str, Sequence[Candidate]]]
    ) -> list[tuple[Candidate, ...]]:
        """The candidates of each (surface, context, candidates), the first five weighed anew, the
        others after them.
        """
        texts = [
            (*(candidate_text(kb, c.concept_id) for c in candidates[:MOST_RERANKED]), NO_CONCEPT)
            for _, _, candidates in asked
        ]
        read = [
            (surface, context, of_mention)
            for (surface, context, _), of_mention in zip(asked, texts, strict=True)
        ]
        return [
            self._weighed(candidates, logits)
            for (_, _, candidates), logits in zip(asked, self.logits(read), strict=True)
        ]

    def logits(self, read: Sequence[tuple[str, str, Sequence[str]]]) -> list[list[float]]:
        """The logit of each text of each (surface, context, texts)."""
        feeds = [
            feed
            for surface, context, texts in read
            for feed in self._inputs.feeds(surface, context, texts)
        ]
        every = iter([float(outputs[0].reshape(-1)[0]) for outputs in self._session.run(feeds)])
        return [[next(every) for _ in texts] for _, _, texts in read]

    def _weighed(
        self, candidates: Sequence[Candidate], logits: Sequence[float]
    ) -> tuple[Candidate, ...]:
        first, others = candidates[: len(logits) - 1], candidates[len(logits) - 1 :]
        prior = [c.score for c in first]
        rest = max(_LEAST_PROBABILITY, 1.0 - sum(prior))
        mixture = self.manifest.calibration
        mixed = [
            mixture["linker"] * math.log(max(_LEAST_PROBABILITY, p)) + mixture["reranker"] * logit
            for p, logit in zip((*prior, rest), logits, strict=True)
        ]
        mixed[-1] += mixture["nil"]
        scores = np.exp(np.array(mixed) - max(mixed))
        scores /= scores.sum()
        new = [
            Candidate(c.concept_id, c.name, round(float(s), 4))
            for c, s in zip(first, scores, strict=False)
        ]
        least = min((c.score for c in new), default=0.0)
        after = [Candidate(c.concept_id, c.name, min(c.score, least)) for c in others]
        return (*sorted(new, key=lambda c: -c.score), *after)
