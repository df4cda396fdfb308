import random

from biopipe.train.common.batches import epoch_seed, noisy_length


def test_epochs_of_seeds_share_no_order() -> None:
    seeds = [epoch_seed(seed, epoch) for seed in range(20) for epoch in range(100)]
    assert len(set(seeds)) == len(seeds)


def test_lengths_keep_within_a_tenth() -> None:
    rng = random.Random(0)
    lengths = {noisy_length(100, rng) for _ in range(500)}
    assert min(lengths) >= 90
    assert max(lengths) <= 100
    assert len(lengths) > 5
