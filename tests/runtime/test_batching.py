from hypothesis import given
from hypothesis import strategies as st

from biopipe.runtime.batching import token_batches


@given(st.lists(st.integers(0, 600)), st.integers(1, 5000))
def test_batches_hold_every_index_once_within_the_budget(lengths: list[int], budget: int) -> None:
    batches = list(token_batches(lengths, budget))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or max(lengths[i] for i in batch) * len(batch) <= budget


def test_sorted_by_length_longest_first() -> None:
    assert list(token_batches([3, 9, 9, 1], 18)) == [[1, 2], [0, 3]]
