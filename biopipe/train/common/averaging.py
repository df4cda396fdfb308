"""The running mean of a model's weights while it trains (Polyak & Juditsky 1992)."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["RunningMean"]


class RunningMean:
    """The exponential running mean of a model's trained weights; empty where `decay` is 0.

    `mean` holds it by the parameter's name, in the parameter's shape and dtype.
    """

    def __init__(self, model: torch.nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {
            name: parameter
            for name, parameter in model.named_parameters()
            if parameter.requires_grad and decay
        }
        self.mean = {name: weight.detach().clone() for name, weight in self.weights.items()}

    @torch.no_grad()
    def update(self) -> None:
        """Move the mean towards the model's weights of now."""
        for name, mean in self.mean.items():
            mean.lerp_(self.weights[name], 1.0 - self.decay)

    @torch.no_grad()
    def swap(self) -> None:
        """Put the mean in the place of the model's weights, and those in the place of the mean."""
        for name, mean in self.mean.items():
            # Copied in place: the optimizer and tied layers hold these very tensors.
            last = self.weights[name].detach().clone()
            self.weights[name].copy_(mean)
            mean.copy_(last)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model has the mean for its weights as long as the context lasts."""
        self.swap()
        try:
            yield
        finally:
            self.swap()
