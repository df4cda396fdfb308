"""What the features alone say of a pair: logistic regressions that a relation model starts from."""

import torch

__all__ = ["fit_by_kind", "two_classes"]

PENALTY = 1.5  # of squared weights, over the number of rows; the weights of a single kind cost twice
STEPS = 70


def fit_by_kind(
    features: torch.Tensor, kinds: torch.Tensor, answer: torch.Tensor, *, classes: int, count: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights (kinds, features, classes) and biases (kinds, classes) of a regression whose kinds share strength.

    `kinds` and `answer` number the rows' kinds of pair (of `count`) and classes; full-batch L-BFGS.
    """
    width = features.shape[1]
    shared = torch.zeros(width, classes, requires_grad=True)
    own = torch.zeros(count, width, classes, requires_grad=True)
    bias = torch.zeros(count, classes, requires_grad=True)
    rows = [torch.where(kinds == kind)[0] for kind in range(count)]
    optimizer = torch.optim.LBFGS([shared, own, bias], max_iter=STEPS)

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        scores = features @ shared + bias[kinds]
        for kind, chosen in enumerate(rows):
            scores = scores.index_add(0, chosen, features[chosen] @ own[kind])
        penalty = (shared**2).sum() + 2 * (own**2).sum() + 0.1 * (bias**2).sum()
        value = torch.nn.functional.cross_entropy(scores, answer) + PENALTY / max(1, len(answer)) * penalty
        value.backward()  # type: ignore[no-untyped-call]
        return value

    if len(answer):
        optimizer.step(loss)
    return (shared[None] + own).detach(), bias.detach()


def two_classes(weights: torch.Tensor, bias: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The regression of a yes-or-no answer as one score: that of yes less that of no."""
    return weights[..., 1:] - weights[..., :1], bias[..., 1:] - bias[..., :1]
