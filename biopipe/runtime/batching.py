"""Batches by token budget: sorted by length so that padding does not eat the arithmetic."""

from collections.abc import Iterator, Sequence

__all__ = ["token_batches"]


def token_batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices into `lengths` in batches with longest * count <= `budget` tokens; longest first, ties by position.

    A sequence longer than the budget is a batch of its own.
    """
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    start = 0
    while start < len(order):
        longest = max(1, lengths[order[start]])
        count = max(1, budget // longest)
        yield order[start : start + count]
        start += count
