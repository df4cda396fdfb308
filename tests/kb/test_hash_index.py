"""Rows by hash, as a plain search of all of them gives."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from biopipe.kb.hash_index import HashIndex

HASHES = st.lists(st.sampled_from([0, 1, 2, 2**40, 2**63, 2**64 - 1]), max_size=20)


@given(HASHES, st.sampled_from([0, 1, 3, 2**63, 2**64 - 1]))
def test_every_row_with_the_hash_in_order(hashes: list[int], asked: int) -> None:
    order = sorted(range(len(hashes)), key=lambda row: hashes[row], reverse=False)
    with TemporaryDirectory() as folder:
        np.save(Path(folder) / "ids.npy", np.array([hashes[row] for row in order], np.uint64))
        np.save(Path(folder) / "ids_rows.npy", np.array(order[:], np.uint32))
        index = HashIndex(Path(folder), "ids")
        assert index.rows(asked) == [row for row, hash_ in enumerate(hashes) if hash_ == asked]
        together = [asked, *hashes, 2**40 + 1]
        places, rows = index.rows_of_many(together)
        assert list(zip(places.tolist(), rows.tolist(), strict=True)) == [
            (place, row) for place, hash_ in enumerate(together) for row in index.rows(hash_)
        ]
