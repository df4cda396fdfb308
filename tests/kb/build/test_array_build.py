"""Arrays written and read piece by piece are what numpy writes and reads whole."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from biopipe.kb.build.array_build import ArrayWriter, array_pieces

MATRIX = arrays.arrays(np.int8, st.tuples(st.integers(1, 30), st.integers(1, 4)))


@given(MATRIX, st.integers(1, 12), st.integers(1, 12))
def test_pieces_make_the_array(matrix: np.ndarray, written: int, read: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "a.npy"
        with ArrayWriter(path, matrix.dtype, matrix.shape) as file:
            for first in range(0, len(matrix), written):
                file.append(matrix[first : first + written])
        pieces = list(array_pieces(path, read))
        assert np.array_equal(np.load(path), matrix)
        assert all(len(piece) == read for piece in pieces[:-1])
        assert np.array_equal(np.concatenate(pieces), matrix)
