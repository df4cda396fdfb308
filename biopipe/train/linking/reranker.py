"""Train a cross-encoder for linking: a mention in context against the candidates that our own
retrieval finds.
"""

import json
import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification

from biopipe.document import Candidate, Document
from biopipe.errors import InputError
from biopipe.kb.base import KnowledgeBase
from biopipe.linking.evidence import CandidateEvidence
from biopipe.linking.linker import ExplainedMention, Linker
from biopipe.linking.rerank import (
    MOST_RERANKED,
    NO_CONCEPT,
    CrossEncoderInputs,
    Reranker,
    candidate_text,
    mention_context,
)
from biopipe.runtime.manifest import Manifest, write_manifest
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.base import save_tokenizer
from biopipe.train.common.dropout import share_dropout_over_tokens
from biopipe.train.common.loop import fit
from biopipe.train.common.schedule import Schedule
from biopipe.train.linking.weights import HALVED, half_of

__all__ = [
    "SETTINGS",
    "UNFITTED",
    "Choice",
    "choices_of",
    "doubtful_choices",
    "fit_mixture",
    "refit_mixture",
    "train_reranker",
]

SETTINGS = "reranker.json"
# What counts how much before `fit_mixture` has seen linked documents.
UNFITTED = {"linker": 1.0, "reranker": 0.5, "nil": 0.0}

# Most mentions are plain names; the few that are not are what a reranker is for.
_SURE, _KEEP_SURE = 0.95, 0.25


@dataclass(frozen=True, slots=True)
class Choice:
    """One mention: what the model reads, the candidates' prior probabilities, and which is right
    (last: none).
    """

    reading: str
    context: str
    texts: tuple[str, ...]
    prior: tuple[float, ...]
    right: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """A mention with at most one concept, as the linker sees it; `right` are the ids that are
    meant.
    """

    explained: ExplainedMention
    right: Collection[str | None]
    kb: KnowledgeBase

    def choice(self, candidates: Sequence[Candidate], weight: float = 1.0) -> Choice:
        ids = [candidate.concept_id for candidate in candidates]
        place = next((place for place, id_ in enumerate(ids) if id_ in self.right), len(ids))
        texts = (*(candidate_text(self.kb, id_) for id_ in ids), NO_CONCEPT)
        prior = [candidate.score for candidate in candidates]
        return Choice(
            self.explained.request.surface_forms[0],
            mention_context(self.explained.document, self.explained.mention),
            texts,
            (*prior, max(0.0, 1.0 - sum(prior))),
            place,
            weight,
        )


def choices_of(
    documents: Sequence[Document],
    linker: Linker,
    bases: Mapping[str, KnowledgeBase],
    *,
    seed: int | None = None,
) -> Iterator[Choice]:
    """Mentions of the labels of `bases` with at most one concept; with `seed` most of the sure ones
    are left out.
    """
    rng = random.Random(seed)
    for asked in _asked(documents, linker, bases):
        first = linker.weigh(asked.explained.request, asked.explained.evidence)[:MOST_RERANKED]
        sure = first[0].score > _SURE and first[0].concept_id in asked.right
        if seed is None or not sure or rng.random() <= _KEEP_SURE:
            yield asked.choice(first)


def doubtful_choices(
    documents: Sequence[Document], linker: Linker, bases: Mapping[str, KnowledgeBase]
) -> Iterator[Choice]:
    """What the reranker is asked of `documents`, and would be with either half of the concepts
    gone.
    """
    for asked in _asked(documents, linker, bases):
        request, every = asked.explained.request, asked.explained.evidence
        halves = np.array([half_of(id_) for id_ in asked.explained.candidate_ids], np.int64)
        tried: list[tuple[CandidateEvidence, float]] = [(every, 1.0)]
        tried += [(every.keep(halves == half), HALVED) for half in (0, 1)]
        for evidence, weight in tried:
            first = linker.weigh(request, evidence)[:MOST_RERANKED]
            if first and linker.is_doubtful(request, first):
                yield asked.choice(first, weight)


def _asked(
    documents: Sequence[Document], linker: Linker, bases: Mapping[str, KnowledgeBase]
) -> Iterator[_Asked]:
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
        yield _Asked(explained, right, kb)


def without_right(choice: Choice) -> Choice:
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


def train_reranker(
    choices: Sequence[Choice],
    base: str,
    output: Path,
    *,
    schedule: Schedule,
    batch_mentions: int = 8,
    without: float = 0.1,
    dev: Sequence[Choice] = (),
    log: Callable[[str], None],
) -> Path:
    """Train by cross-entropy over each mention's candidates and none; a share `without` loses its
    right candidate.

    Writes a Hugging Face sequence classifier with one output, the tokenizer, and in `reranker.json`
    how much it counts beside the linker's probability, fitted on `dev`.
    """
    if not choices:
        raise InputError(
            "No mention has candidates to choose from; give linked documents and their knowledge base."
        )
    output.mkdir(parents=True, exist_ok=True)
    pairs = CrossEncoderInputs(Tokenizer(save_tokenizer(base, output)))
    torch.manual_seed(schedule.seed)
    model = AutoModelForSequenceClassification.from_pretrained(
        base, num_labels=1, attention_probs_dropout_prob=0.0
    )
    share_dropout_over_tokens(model)
    log(f"{len(choices)} mentions")

    def batches(epoch: int) -> list[list[tuple[int, bool]]]:
        rng = random.Random(schedule.seed * 1009 + epoch)
        order = [(i, rng.random() < without) for i in range(len(choices))]
        rng.shuffle(order)
        return [order[i : i + batch_mentions] for i in range(0, len(order), batch_mentions)]

    def loss(batch: list[tuple[int, bool]]) -> torch.Tensor:
        chosen = [without_right(choices[i]) if missing else choices[i] for i, missing in batch]
        logits = torch.split(score_choices(model, pairs, chosen), [len(c.texts) for c in chosen])
        values = [
            torch.nn.functional.cross_entropy(each[None], torch.tensor([c.right]))
            for each, c in zip(logits, chosen, strict=True)
        ]
        return torch.stack(values).mean()

    fit(
        model,
        batches,
        loss,
        schedule=schedule,
        checkpoint=output / "checkpoint",
        log=log,
        encoder=model.base_model,
    )
    model.save_pretrained(output)
    mixture = fit_mixture(dev, _scores(model, pairs, dev)) if dev else UNFITTED
    log(f"mixture {mixture}")
    (output / SETTINGS).write_text(json.dumps(mixture), encoding="utf-8")
    return output


def _scores(
    model: torch.nn.Module, pairs: CrossEncoderInputs, choices: Sequence[Choice]
) -> list[list[float]]:
    model.eval()
    with torch.inference_mode():
        return [score_choices(model, pairs, [choice]).tolist() for choice in choices]


def score_choices(
    model: torch.nn.Module, pairs: CrossEncoderInputs, choices: Sequence[Choice]
) -> torch.Tensor:
    """The logits of all texts of all choices, one after the other."""
    feeds = [feed for c in choices for feed in pairs.feeds(c.reading, c.context, c.texts)]
    longest = max(feed["input_ids"].shape[1] for feed in feeds)
    names = ("input_ids", "attention_mask", "token_type_ids")
    padded = {
        name: torch.stack(
            [
                torch.nn.functional.pad(
                    torch.from_numpy(f[name][0]), (0, longest - f[name].shape[1])
                )
                for f in feeds
            ]
        )
        for name in names
    }
    logits: torch.Tensor = model(**padded).logits[:, 0]
    return logits


def fit_mixture(choices: Sequence[Choice], logits: Sequence[Sequence[float]]) -> dict[str, float]:
    """How much the linker's log probability and the cross-encoder's logit count, and what NIL adds;
    by likelihood.
    """
    weights = torch.tensor([1.0, 0.3, 0.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=50, line_search_fn="strong_wolfe")
    priors = [torch.tensor(c.prior, dtype=torch.float64).clamp(min=1e-4).log() for c in choices]
    scores = [torch.tensor(each, dtype=torch.float64) for each in logits]
    counts = torch.tensor([c.weight for c in choices], dtype=torch.float64)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        values = []
        for choice, prior, score in zip(choices, priors, scores, strict=True):
            nil = torch.zeros_like(score)
            nil[-1] = 1.0
            mixed = weights[0] * prior + weights[1] * score + weights[2] * nil
            values.append(
                torch.nn.functional.cross_entropy(mixed[None], torch.tensor([choice.right]))
            )
        value = (torch.stack(values) * counts).sum() / counts.sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return dict(
        zip(
            ("linker", "reranker", "nil"),
            (round(float(w), 4) for w in weights.detach()),
            strict=True,
        )
    )


def refit_mixture(directory: Path, choices: Sequence[Choice]) -> Manifest:
    """Fit the mixture of an exported reranker and write it into its manifest, which is returned."""
    if not choices:
        raise InputError(
            "The linker is sure of every mention; there is nothing to fit the mixture on."
        )
    reranker = Reranker(directory)
    logits = reranker.logits([(c.reading, c.context, c.texts) for c in choices])
    manifest = replace(reranker.manifest, calibration=fit_mixture(choices, logits))
    return write_manifest(directory, manifest, list(manifest.files))
