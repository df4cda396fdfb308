"""Cut a long token sequence into overlapping windows and merge the results back, so that nothing is
cut off.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

__all__ = ["even_windows", "owned_ranges", "token_windows"]


def token_windows(
    count: int, size: int, overlap: int, *, breaks: Sequence[Sequence[int]] = ()
) -> list[tuple[int, int]]:
    """Windows `[start, end)` of at most `size` tokens that cover `count` tokens, neighbours sharing
    `overlap`.

    The last window is moved back to be full, so no window is a short tail without context. `breaks`
    are the tokens that may come first in what a window owns (see `owned_ranges`), in order of the
    text and by kind, the best kind first. Where the last of them is early, as before a chemical
    name longer than the overlap, the next window is moved back to see what follows it whole; what
    is longer than half of a window without its overlap is split all the same. ValueError unless the
    overlap is in [0, size).
    """
    if not 0 <= overlap < size:
        raise ValueError(
            f"The overlap must be at least 0 and below the window size {size}, got {overlap}."
        )
    windows = [(0, min(size, count))]
    while windows[-1][1] < count:
        last = windows[-1]
        start = min(last[1] - overlap, count - size)
        start = min(start, _cut(last, start, breaks) - overlap // 2)
        windows.append((start, start + size))
    return windows


def even_windows(count: int, size: int, overlap: int) -> list[tuple[int, int]]:
    """As few windows as `token_windows` makes, but of equal length: less to compute where the last
    would be short.
    """
    number = len(token_windows(count, size, overlap))
    if number > 1:
        size = min(size, -(-(count + (number - 1) * overlap) // number))
    return token_windows(count, size, overlap)


def owned_ranges(
    windows: Sequence[tuple[int, int]], *, breaks: Sequence[Sequence[int]] = ()
) -> list[tuple[int, int]]:
    """The part of each window whose results count: overlaps are split in the middle, where both see
    most context.

    With `breaks` they are split at the last one up to the middle, of the first kind that has any in
    that half window.
    """
    edges = [windows[0][0]]
    edges += [_cut(window, start, breaks) for window, (start, _) in pairwise(windows)]
    edges.append(windows[-1][1])
    return list(pairwise(edges))


def _cut(window: tuple[int, int], following: int, breaks: Sequence[Sequence[int]]) -> int:
    """Where the results of the window that starts at `following` begin to count."""
    start, end = window
    middle = (following + end) // 2
    for kind in breaks:
        number = bisect_right(kind, middle)
        if number and kind[number - 1] > (start + end) // 2:
            return kind[number - 1]
    return middle
