"""Places of hashes, as a plain search of the whole array gives them, by the table of parts too."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.kb import sorted_hashes
from biopipe.kb.sorted_hashes import SortedHashes

HASHES = st.lists(
    st.one_of(
        st.integers(0, 2**64 - 1),
        st.sampled_from([0, 1, 2**48 - 1, 2**48, 2**48 + 1, 2**63, 2**64 - 1]),
    ),
    max_size=40,
)


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_hashes, "_SEARCHES_A_TABLE", 0)


@pytest.mark.usefixtures("eager")
@given(HASHES, HASHES, st.sampled_from([np.uint64, np.uint32]))
def test_places_as_a_plain_search_gives(
    stored: list[int], asked: list[int], dtype: type[np.unsignedinteger]
) -> None:
    shift = 64 - 8 * np.dtype(dtype).itemsize
    array = np.sort(np.array([number >> shift for number in stored], dtype))
    questions = np.array([number >> shift for number in [*stored, *asked]], dtype)
    hashes = SortedHashes(array)
    assert hashes.places(questions).tolist() == array.searchsorted(questions).tolist()
    assert hashes.known(questions).tolist() == np.isin(questions, array).tolist()
    assert (hashes._parts is not None) == (len(array) > 0 and len(questions) > 0)


def test_no_table_before_it_pays() -> None:
    array = np.arange(1 << 15, dtype=np.uint64) << np.uint64(49)
    hashes = SortedHashes(array)
    asked = array[:: 1 << 5]
    for _ in range(16):
        assert hashes.known(asked).all()
        assert hashes._parts is None
    assert hashes.known(asked).all()
    assert hashes._parts is not None
    assert hashes.places(asked).tolist() == list(range(0, 1 << 15, 1 << 5))
