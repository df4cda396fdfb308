"""Fit what turns the linker's features into probabilities, on documents with linked mentions.

Every mention counts as it is, and once more with half of the concepts taken away, so that NIL is
learnt from mentions whose concept is truly not there while its neighbours are.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.linking.evidence import CandidateEvidence
from biopipe.linking.linker import Linker
from biopipe.linking.requests import LinkingRequest
from biopipe.linking.scoring import candidate_features, nil_features
from biopipe.linking.weights import CANDIDATE_FEATURES, NIL_FEATURES, LinkerWeights

__all__ = ["HALVED", "LinkingExample", "fit_weights", "half_of", "linking_examples"]

# How much a mention counts with half of the knowledge base gone: less, since most mentions of a
# text are in it.
HALVED = 0.5
_PENALTY, _STEPS = 1e-4, 60
# A label's weights leave those of all labels as a hundred mentions of it would make them.
_DRAWN = 0.05


@dataclass(frozen=True, slots=True)
class LinkingExample:
    """Features of the candidates (n, features) and of NIL; `right` marks the candidates that are
    meant, if any is.
    """

    document: str
    label: str
    candidates: NDArray[np.float64]
    nil: NDArray[np.float64]
    right: NDArray[np.bool_]
    weight: float


def linking_examples(documents: Sequence[Document], linker: Linker) -> Iterator[LinkingExample]:
    """The mentions of `documents` that have at most one concept, as the linker's retrievers see
    them.
    """
    for explained in linker.explain(documents):
        request, gold_ids = explained.request, explained.mention.concept_ids
        if len(gold_ids) > 1 or request.written_concept is not None:
            continue
        gold = {explained.kb.canonical(concept_id) for concept_id in gold_ids}
        ids = explained.candidate_ids
        right = np.array([concept_id in gold for concept_id in ids], dtype=np.bool_)
        halves = np.array([half_of(concept_id) for concept_id in ids], dtype=np.int64)
        document = explained.document.id
        yield _example(document, request, explained.evidence, right, 1.0)
        for half in (0, 1):
            kept = halves == half
            evidence = explained.evidence.keep(kept)
            yield _example(document, request, evidence, right[kept], HALVED)


def half_of(concept_id: str) -> int:
    """0 or 1: which half of a knowledge base a concept is in."""
    return hashlib.blake2b(concept_id.encode(), digest_size=1).digest()[0] % 2


def _example(
    document: str,
    request: LinkingRequest,
    evidence: CandidateEvidence,
    right: NDArray[np.bool_],
    weight: float,
) -> LinkingExample:
    surfaces, labels = [request.surface_forms[0]], [request.label]
    candidates = candidate_features(surfaces, labels, evidence)
    (nil,) = nil_features(surfaces, labels, evidence)
    return LinkingExample(document, request.label, candidates, nil, right, weight)


def fit_weights(examples: Sequence[LinkingExample]) -> dict[str, LinkerWeights]:
    """Weights by mention label, "" for any other. InputError where there is nothing to learn from.

    Maximum likelihood over all examples with a small L2 penalty; those of a label start from these
    and are drawn to them, the more so the fewer mentions it has.
    """
    if not any(example.right.any() for example in examples):
        raise InputError(
            "No mention has its concept among the candidates; give documents whose ids are those "
            "of the knowledge base."
        )
    labels = sorted({example.label for example in examples})
    start = np.zeros(len(CANDIDATE_FEATURES) + len(NIL_FEATURES))
    every = _fit(examples, start, _PENALTY)
    weights = {"": _named(every, examples)}
    for label in labels if len(labels) > 1 else ():
        own = [example for example in examples if example.label == label]
        weights[label] = _named(_fit(own, every, _DRAWN / len(own)), own)
    return weights


def _fit(
    examples: Sequence[LinkingExample], start: NDArray[np.float64], penalty: float
) -> NDArray[np.float64]:
    """By L-BFGS, with `penalty` on the squared distance from `start`."""
    features, real, right, nil, weight = _tensors(examples)
    origin = torch.from_numpy(start.copy())
    weights = origin.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([weights], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        candidate, none = weights[: len(CANDIDATE_FEATURES)], weights[len(CANDIDATE_FEATURES) :]
        logits = torch.cat(
            [(features @ candidate).masked_fill(~real, -1e9), (nil @ none)[:, None]], dim=1
        )
        answer = torch.cat([right, ~right.any(dim=1, keepdim=True)], dim=1)
        likelihood = logits.log_softmax(dim=1).masked_fill(~answer, -1e9).logsumexp(dim=1)
        value = (
            -(likelihood * weight).sum() / weight.sum()
            + penalty * (weights - origin).square().sum()
        )
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    result: NDArray[np.float64] = weights.detach().numpy()
    return result


def _named(weights: NDArray[np.float64], examples: Sequence[LinkingExample]) -> LinkerWeights:
    numbers = [round(float(each), 4) for each in weights]
    return LinkerWeights(
        candidate=dict(zip(CANDIDATE_FEATURES, numbers[: len(CANDIDATE_FEATURES)], strict=True)),
        nil=dict(zip(NIL_FEATURES, numbers[len(CANDIDATE_FEATURES) :], strict=True)),
        about={"mentions": sum(example.weight == 1.0 for example in examples)},
    )


def _tensors(examples: Sequence[LinkingExample]) -> tuple[torch.Tensor, ...]:
    """Features (examples, most candidates, features) padded with zeros, which are real, which
    right; NIL; weights.
    """
    most = max(len(example.right) for example in examples)
    features = np.zeros((len(examples), most, len(CANDIDATE_FEATURES)))
    real, right = (np.zeros((len(examples), most), dtype=np.bool_) for _ in range(2))
    for row, example in enumerate(examples):
        count = len(example.right)
        features[row, :count], real[row, :count], right[row, :count] = (
            example.candidates,
            True,
            example.right,
        )
    nil = np.stack([example.nil for example in examples])
    weight = np.array([example.weight for example in examples])
    return tuple(torch.from_numpy(each) for each in (features, real, right, nil, weight))
