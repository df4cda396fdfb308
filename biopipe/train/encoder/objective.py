"""What an encoder is trained for, as a record of functions that the trainer calls."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

__all__ = ["Objective"]


@dataclass(frozen=True, slots=True)
class Objective:
    """A model with what it is trained by, measured by, and kept as.

    `loss(rows, seed)`: the scalar loss of rows of blocks, (rows, length) int32; all that is random
    in it comes from `seed` and torch's generator. `scores()`: measures on held-out blocks by name.
    `save(folder)`: writes the encoder as a Hugging Face checkpoint. Parameters outside `encoder`
    train at the schedule's `head_rate`; None: all train alike.
    """

    model: torch.nn.Module
    loss: Callable[[NDArray[np.int32], int], torch.Tensor]
    scores: Callable[[], dict[str, float]]
    save: Callable[[Path], None]
    encoder: torch.nn.Module | None = None
