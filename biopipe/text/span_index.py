"""Mentions, and whatever else has a place, by place."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

__all__ = ["SpanIndex", "in_text_order"]


class _Placed(Protocol):
    """What stands in a text from `start` to `end`."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


Span = TypeVar("Span", bound=_Placed)

_place = attrgetter("start", "end")


def in_text_order(spans: Iterable[Span]) -> list[Span]:
    """The spans by their starts, then by their ends."""
    return sorted(spans, key=_place)


class SpanIndex(Generic[Span]):
    """Mentions or other spans by place, so that those that touch a span are found without looking at all."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = in_text_order(spans)
        self._starts = [span.start for span in self._spans]
        self._longest = max((span.end - span.start for span in spans), default=0)

    def touching(self, start: int, end: int) -> list[Span]:
        """The spans that share a character with text[start:end], in order."""
        first = bisect_left(self._starts, start - self._longest)
        last = bisect_left(self._starts, end)
        return [span for span in self._spans[first:last] if span.end > start]
