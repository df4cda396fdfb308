"""Fit what turns the linker's features into probabilities, on mentions whose concept is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from biopipe.errors import InputError
from biopipe.linking.weights import CANDIDATE_FEATURES, NIL_FEATURES, LinkerWeights
from biopipe.train.linking.examples import LinkingExample

__all__ = ["fit_weights"]

_PENALTY, _STEPS = 1e-4, 100
# A label's weights leave those of all labels as a hundred mentions of it would make them.
_DRAWN = 0.05


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
        mentions = sum(example.weight for example in own)
        weights[label] = _named(_fit(own, every, _DRAWN / max(1.0, mentions)), own)
    return weights


@dataclass(frozen=True, slots=True)
class _Choices:
    """Examples as tensors: the candidates of all of them in one row, `owners` says whose each is.

    `candidates`: (candidates, features), `owners`, `right`: (candidates,), `nil`: (examples,
    features), `has_right`, `weight`: (examples,).
    """

    candidates: torch.Tensor
    owners: torch.Tensor
    right: torch.Tensor
    nil: torch.Tensor
    has_right: torch.Tensor
    weight: torch.Tensor

    @classmethod
    def of(cls, examples: Sequence[LinkingExample]) -> "_Choices":
        counts = [len(example.right) for example in examples]
        right = torch.from_numpy(np.concatenate([example.right for example in examples]))
        owners = torch.from_numpy(np.repeat(np.arange(len(examples)), counts))
        has_right = torch.zeros(len(examples), dtype=torch.bool)
        has_right[owners[right]] = True
        return cls(
            torch.from_numpy(np.concatenate([example.candidates for example in examples])),
            owners,
            right,
            torch.from_numpy(np.stack([example.nil for example in examples])),
            has_right,
            torch.tensor([example.weight for example in examples], dtype=torch.float64),
        )

    def loss(self, weights: torch.Tensor) -> torch.Tensor:
        """The mean of the negative log likelihood of right answers, by weight."""
        logits = self.candidates @ weights[: len(CANDIDATE_FEATURES)]
        nil = self.nil @ weights[len(CANDIDATE_FEATURES) :]
        lowest = torch.full_like(nil, -torch.inf)
        highest = lowest.scatter_reduce(0, self.owners, logits.detach(), "amax")
        highest = torch.maximum(highest, nil.detach())
        exponents, of_nil = torch.exp(logits - highest[self.owners]), torch.exp(nil - highest)
        total = torch.zeros_like(nil).index_add(0, self.owners, exponents) + of_nil
        right = torch.zeros_like(nil).index_add(0, self.owners, exponents * self.right)
        right = right + torch.where(self.has_right, torch.zeros_like(of_nil), of_nil)
        likelihood = torch.log(right.clamp_min(_LEAST_LIKELIHOOD)) - torch.log(total)
        return -(likelihood * self.weight).sum() / self.weight.sum()


# Keeps the logarithm of what a step of the search made impossible finite.
_LEAST_LIKELIHOOD = 1e-300


def _fit(
    examples: Sequence[LinkingExample], start: NDArray[np.float64], penalty: float
) -> NDArray[np.float64]:
    """By L-BFGS, with `penalty` on the squared distance from `start`."""
    choices = _Choices.of(examples)
    origin = torch.from_numpy(start.copy())
    weights = origin.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([weights], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        value = choices.loss(weights) + penalty * (weights - origin).square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    result: NDArray[np.float64] = weights.detach().numpy()
    return result


def _named(weights: NDArray[np.float64], examples: Sequence[LinkingExample]) -> LinkerWeights:
    numbers = [round(float(weight), 4) for weight in weights]
    return LinkerWeights(
        candidate=dict(zip(CANDIDATE_FEATURES, numbers[: len(CANDIDATE_FEATURES)], strict=True)),
        nil=dict(zip(NIL_FEATURES, numbers[len(CANDIDATE_FEATURES) :], strict=True)),
        about={"mentions": sum(example.whole for example in examples)},
    )
