"""Mentions by place."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import attrgetter

from biopipe.document import Mention

__all__ = ["SpanIndex", "in_text_order"]

_place = attrgetter("start", "end")


def in_text_order(mentions: Iterable[Mention]) -> list[Mention]:
    """The mentions by their starts, then by their ends."""
    return sorted(mentions, key=_place)


class SpanIndex:
    """Mentions by place, so that those that touch a span are found without looking at all."""

    def __init__(self, mentions: Sequence[Mention]) -> None:
        self._mentions = in_text_order(mentions)
        self._starts = [m.start for m in self._mentions]
        self._longest = max((m.end - m.start for m in mentions), default=0)

    def touching(self, start: int, end: int) -> list[Mention]:
        """The mentions that share a character with text[start:end], in order."""
        first = bisect_left(self._starts, start - self._longest)
        last = bisect_left(self._starts, end)
        return [m for m in self._mentions[first:last] if m.end > start]
