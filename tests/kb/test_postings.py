"""Posting lists narrowed by a filter, and how much of them stays in memory."""

import numpy as np
import pytest

from biopipe.kb import postings
from biopipe.kb.postings import AllowedPostings, NarrowedLists, NgramPostings

INDEX = NgramPostings(
    vocabulary=np.array([10, 20, 30], np.uint64),
    offsets=np.array([0, 3, 4, 8]),
    entries=np.array([0, 2, 5, 1, 0, 1, 4, 5], np.uint32),
    norms=np.arange(1, 7, dtype=np.float32),
)
MASK = np.array([True, False, True, False, False, True])


def test_known_grams_and_how_many_names_have_them() -> None:
    codes = np.array([5, 20, 30, 31], np.uint64)
    grams, having, stored = AllowedPostings(INDEX, MASK).find(codes)
    assert grams.tolist() == [1, 2]
    assert having.tolist() == [1, 4]
    assert stored.tolist() == [False, True, True, False]


def test_lists_hold_what_the_mask_allows_numbered_anew() -> None:
    allowed = AllowedPostings(INDEX, MASK)
    for _ in range(2):
        assert [allowed.entries(gram).tolist() for gram in range(3)] == [[0, 1, 2], [], [0, 2]]
    assert allowed.original(allowed.entries(2)).tolist() == [0, 5]
    assert allowed.norms.tolist() == [1, 3, 6]
    assert allowed.index_size == 6


def test_without_a_mask_the_numbers_stay() -> None:
    every = AllowedPostings(INDEX, None)
    assert every.entries(2).tolist() == [0, 1, 4, 5]
    assert every.original(np.array([4, 1])).tolist() == [4, 1]
    assert every.norms is INDEX.norms


def test_numbers_of_more_than_two_bytes_are_whole_again() -> None:
    entries = 420_000
    index = NgramPostings(
        vocabulary=np.array([10], np.uint64),
        offsets=np.array([0, entries]),
        entries=np.arange(entries, dtype=np.uint32),
        norms=np.ones(entries, np.float32),
    )
    allowed = AllowedPostings(index, np.arange(entries) % 3 == 1)
    for _ in range(2):
        assert np.array_equal(allowed.entries(0), np.arange(entries // 3))
    assert np.array_equal(allowed.original(allowed.entries(0)), np.arange(1, entries, 3))


def test_what_was_forgotten_is_narrowed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "_SHORTEST_REMEMBERED", 0)
    monkeypatch.setattr(postings, "_REMEMBERED_BYTES", 2 * postings._ARRAY_BYTES + 8)
    allowed = AllowedPostings(INDEX, MASK)
    for _ in range(3):
        assert [allowed.entries(gram).tolist() for gram in range(3)] == [[0, 1, 2], [], [0, 2]]
    assert len(allowed.remembered._lists) == 2


def test_filters_of_one_index_remember_lists_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "_SHORTEST_REMEMBERED", 0)
    remembered = NarrowedLists()
    first, second = (AllowedPostings(INDEX, mask, remembered) for mask in (MASK, ~MASK))
    for _ in range(2):
        assert first.original(first.entries(2)).tolist() == [0, 5]
        assert second.original(second.entries(2)).tolist() == [1, 4]


def test_entries_keep_their_numbers_where_most_are_allowed() -> None:
    mask = np.array([True, True, False, True, True, True])
    allowed = AllowedPostings(INDEX, mask)
    assert allowed.entries(0).tolist() == [0, 2, 5]
    assert allowed.original(allowed.entries(0)).tolist() == [0, 2, 5]
    assert allowed.norms.tolist() == [1, 2, np.inf, 4, 5, 6]


@pytest.mark.parametrize("narrowed", [False, True])
@pytest.mark.parametrize("mask", [None, MASK])
def test_looking_entries_up_gives_what_their_lists_hold(
    mask: np.ndarray | None, narrowed: bool
) -> None:
    allowed = AllowedPostings(INDEX, mask)
    every = np.arange(len(allowed.norms))
    lists = [AllowedPostings(INDEX, mask).entries(gram).tolist() for gram in range(3)]
    for gram in range(3) if narrowed else ():
        allowed.entries(gram)
    found = [every[allowed.have(gram, every)].tolist() for gram in range(3)]
    assert found == lists
