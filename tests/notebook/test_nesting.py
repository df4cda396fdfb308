from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Mention
from biopipe.notebook.nesting import NestedMention, nest_mentions

spans = st.tuples(st.integers(0, 20), st.integers(1, 12), st.floats(0, 1)).map(
    lambda span: Mention(span[0], span[0] + span[1], "Gene", span[2])
)


def walk(nodes: list[NestedMention]) -> Iterator[NestedMention]:
    for node in nodes:
        yield node
        yield from walk(node.inside)


@given(st.lists(spans, max_size=12))
def test_every_mention_is_drawn_inside_of_another_or_counted(mentions: list[Mention]) -> None:
    roots, left_out = nest_mentions(mentions)
    nodes = list(walk(roots))
    assert len(nodes) + left_out == len(mentions)
    for node in nodes:
        end = node.mention.start
        for inner in node.inside:
            assert end <= inner.mention.start
            assert inner.mention.end <= node.mention.end
            end = inner.mention.end
    assert [n.mention.start for n in nodes] == sorted(n.mention.start for n in nodes)


def test_of_crossing_mentions_the_longer_and_of_equal_ones_the_better_scored_is_drawn() -> None:
    longer, crossing = Mention(0, 10, "Disease"), Mention(8, 14, "Gene")
    inner, worse = Mention(2, 5, "Gene", 0.9), Mention(2, 5, "Chemical", 0.8)
    ((root,), left_out) = nest_mentions([worse, crossing, inner, longer])
    assert root.mention == longer
    assert [node.mention for node in root.inside] == [inner]
    assert left_out == 2
