"""Mentions that touch a span."""

from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Mention
from biopipe.text.span_index import SpanIndex

SPANS = st.tuples(st.integers(0, 30), st.integers(1, 9)).map(lambda s: (s[0], s[0] + s[1]))


@given(st.lists(SPANS, max_size=12), SPANS)
def test_they_are_those_that_a_look_at_all_finds(
    spans: list[tuple[int, int]], span: tuple[int, int]
) -> None:
    mentions = [Mention(start, end, "Gene") for start, end in spans]
    touching = SpanIndex(mentions).touching(*span)
    assert touching == sorted(
        (m for m in mentions if m.start < span[1] and span[0] < m.end),
        key=lambda m: (m.start, m.end),
    )
