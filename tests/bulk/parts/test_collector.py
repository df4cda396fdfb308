import gc
from contextlib import suppress

import pytest

from biopipe.bulk.parts.collector import rare_collections


def test_the_thresholds_are_raised_for_the_block_alone() -> None:
    before = gc.get_threshold()
    with rare_collections():
        assert gc.get_threshold() == (100_000, *before[1:])
    assert gc.get_threshold() == before


def test_an_error_leaves_them_as_they_were() -> None:
    before = gc.get_threshold()
    with suppress(KeyError), rare_collections():
        raise KeyError
    assert gc.get_threshold() == before


@pytest.mark.parametrize("first", [0, 200_000])
def test_rarer_still_or_never_stays(first: int) -> None:
    before = gc.get_threshold()
    gc.set_threshold(first, *before[1:])
    try:
        with rare_collections():
            assert gc.get_threshold()[0] == first
    finally:
        gc.set_threshold(*before)
