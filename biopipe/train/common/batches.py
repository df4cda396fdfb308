"""How the batches of one epoch are made other ones than those of the next."""

import random

__all__ = ["epoch_seed", "noisy_length"]

# A prime above any number of epochs, so that two seeds have the order of no epoch in common.
_EPOCHS_OF_A_SEED = 1009
# Sorted by length alone, the same examples would meet in every epoch.
_SHORTEST_SHARE = 0.9


def epoch_seed(seed: int, epoch: int) -> int:
    """What the order of an epoch is drawn by: another for each epoch of each seed of a run."""
    return seed * _EPOCHS_OF_A_SEED + epoch


def noisy_length(length: int, rng: random.Random) -> int:
    """A length in tokens to sort an example by: up to a tenth below its own."""
    return int(length * rng.uniform(_SHORTEST_SHARE, 1.0))
