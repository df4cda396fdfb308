import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.text.windows import owned_ranges, token_windows


@given(st.integers(0, 5000), st.integers(2, 512), st.data())
def test_every_token_is_owned_once_and_lies_in_its_window(count: int, size: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    windows = token_windows(count, size, overlap)
    owned = owned_ranges(windows)
    assert [token for start, end in owned for token in range(start, end)] == list(range(count))
    for (start, end), (own_start, own_end) in zip(windows, owned, strict=True):
        assert start <= own_start <= own_end <= end
        assert end - start <= size


def test_neighbours_share_at_least_the_overlap() -> None:
    windows = token_windows(1200, 510, 64)
    assert windows == [(0, 510), (446, 956), (690, 1200)]
    assert owned_ranges(windows) == [(0, 478), (478, 823), (823, 1200)]


def test_overlap_must_be_smaller_than_the_window() -> None:
    with pytest.raises(ValueError, match="below the window size 10"):
        token_windows(100, 10, 10)
