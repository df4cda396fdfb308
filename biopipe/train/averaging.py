"""Moving average of a model's weights while it trains (Polyak & Juditsky 1992): steadier than the last step's."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["Averaged"]


class Averaged(torch.nn.Module):
    """A model with the averages of its trained weights as buffers, so that checkpoints hold both."""

    def __init__(self, model: torch.nn.Module, *, decay: float = 0.98, every: int = 4) -> None:
        super().__init__()
        self.model = model
        self.decay, self.every = decay, every
        self.trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        for number, parameter in enumerate(self.trained):
            self.register_buffer(f"mean{number}", parameter.detach().clone())
        self.register_buffer("updates", torch.zeros((), dtype=torch.long))

    def update(self) -> None:
        """Take in the present weights, once in `every` calls; the first count more, as they are few."""
        count = int(self.updates)
        self.updates += 1
        if count % self.every:
            return
        decay = min(self.decay, (1 + count) / (10 + count))
        with torch.no_grad():
            torch._foreach_lerp_(self._means(), [p.detach() for p in self.trained], 1.0 - decay)

    @contextmanager
    def applied(self) -> Iterator[torch.nn.Module]:
        """The model with averaged weights for the length of the block."""
        kept = [parameter.detach().clone() for parameter in self.trained]
        self._set(self._means())
        try:
            yield self.model
        finally:
            self._set(kept)

    def _means(self) -> list[torch.Tensor]:
        return [self.get_buffer(f"mean{number}") for number in range(len(self.trained))]

    def _set(self, values: list[torch.Tensor]) -> None:
        with torch.no_grad():
            torch._foreach_copy_(list(self.trained), values)
