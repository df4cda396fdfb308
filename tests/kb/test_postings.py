"""Posting lists narrowed by a filter, and how much of them stays in memory."""

import numpy as np
import pytest

from biopipe.kb import postings
from biopipe.kb.postings import AllowedPostings, NgramPostings

INDEX = NgramPostings(
    vocabulary=np.array([10, 20, 30], np.uint64),
    offsets=np.array([0, 3, 4, 8]),
    entries=np.array([0, 2, 5, 1, 0, 1, 4, 5], np.uint32),
    norms=np.ones(6, np.float32),
)
MASK = np.array([True, False, True, False, False, True])


def test_known_grams_and_how_many_names_have_them() -> None:
    grams, having = AllowedPostings(INDEX, MASK).find(np.array([5, 20, 30, 31], np.uint64))
    assert grams.tolist() == [1, 2]
    assert having.tolist() == [1, 4]


def test_lists_hold_what_the_mask_allows() -> None:
    allowed = AllowedPostings(INDEX, MASK)
    for _ in range(2):
        assert [allowed.entries(gram).tolist() for gram in range(3)] == [[0, 2, 5], [], [0, 5]]
    assert AllowedPostings(INDEX, None).entries(2).tolist() == [0, 1, 4, 5]


def test_what_was_forgotten_is_narrowed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "_REMEMBERED_BYTES", 2 * postings._ARRAY_BYTES + 8)
    allowed = AllowedPostings(INDEX, MASK)
    for _ in range(3):
        assert [allowed.entries(gram).tolist() for gram in range(3)] == [[0, 2, 5], [], [0, 5]]
    assert len(allowed._narrowed) == 2
