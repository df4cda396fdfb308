"""Cut a long token sequence into overlapping windows and merge the results back, so that nothing is cut off."""

from itertools import pairwise

__all__ = ["owned_ranges", "token_windows"]


def token_windows(count: int, size: int, overlap: int) -> list[tuple[int, int]]:
    """Windows `[start, end)` of at most `size` tokens that cover `count` tokens, neighbours sharing `overlap`.

    The last window is moved back to be full, so no window is a short tail without context.
    """
    if not 0 <= overlap < size:
        raise ValueError(f"The overlap must be at least 0 and below the window size {size}, got {overlap}.")
    if count <= size:
        return [(0, count)]
    starts = [*range(0, count - size, size - overlap), count - size]
    return [(start, start + size) for start in starts]


def owned_ranges(windows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The part of each window whose results count: overlaps are split in the middle, where both see most context."""
    edges = [windows[0][0]]
    for (_, end), (start, _) in pairwise(windows):
        edges.append((start + end) // 2)
    edges.append(windows[-1][1])
    return list(pairwise(edges))
