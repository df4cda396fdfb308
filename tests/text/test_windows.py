import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.text.windows import owned_ranges, token_windows


@given(st.integers(0, 3000), st.integers(2, 512), st.data())
def test_every_token_is_owned_once_and_lies_in_its_window(
    count: int, size: int, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    some = st.sets(st.integers(0, max(0, count - 1)), max_size=40).map(sorted)
    breaks = data.draw(st.lists(some, max_size=2))
    windows = token_windows(count, size, overlap, breaks=breaks)
    owned = owned_ranges(windows, breaks=breaks)
    assert [token for start, end in owned for token in range(start, end)] == list(range(count))
    for (start, end), (own_start, own_end) in zip(windows, owned, strict=True):
        assert start <= own_start <= own_end <= end
        assert end - start <= size


def test_neighbours_share_at_least_the_overlap() -> None:
    windows = token_windows(1200, 510, 64)
    assert windows == [(0, 510), (446, 956), (690, 1200)]
    assert owned_ranges(windows) == [(0, 478), (478, 823), (823, 1200)]


def test_breaks_at_every_token_are_no_breaks() -> None:
    assert token_windows(1200, 510, 64, breaks=[range(1200)]) == token_windows(1200, 510, 64)


@given(st.integers(2, (510 - 64) // 2), st.integers(0, 3000))
def test_a_run_without_break_is_whole_in_the_window_that_owns_it(length: int, first: int) -> None:
    count, size, overlap = first + length + 700, 510, 64
    breaks = [[*range(first + 1), *range(first + length, count)]]
    windows = token_windows(count, size, overlap, breaks=breaks)
    (owner,) = [
        window
        for window, (start, end) in zip(windows, owned_ranges(windows, breaks=breaks), strict=True)
        if start < first + length and first < end
    ]
    assert owner[0] <= first
    assert first + length <= owner[1]


def test_a_run_longer_than_a_window_is_split_where_both_see_most() -> None:
    windows = token_windows(2000, 510, 64, breaks=[[0]])
    assert windows == token_windows(2000, 510, 64)


def test_the_best_kind_of_break_in_half_a_window_goes_first() -> None:
    breaks = [[200, 300, 540], range(900)]
    windows = token_windows(900, 510, 64, breaks=breaks)
    assert windows == [(0, 510), (268, 778), (390, 900)]
    assert owned_ranges(windows, breaks=breaks) == [(0, 300), (300, 540), (540, 900)]
    assert owned_ranges(
        token_windows(900, 510, 64, breaks=[[200], range(900)]), breaks=[[200], range(900)]
    ) == [
        (0, 450),
        (450, 900),
    ]


def test_overlap_must_be_smaller_than_the_window() -> None:
    with pytest.raises(ValueError, match="below the window size 10"):
        token_windows(100, 10, 10)
