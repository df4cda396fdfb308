"""An index written to its file list by list is the one that faiss fills in memory."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from biopipe.kb.ann import AnnIndex
from biopipe.kb.build import ann_build
from biopipe.kb.build.ann_build import build_ann

VECTORS, DIMENSION = 3000, 16


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Path, Path]:
    generator = np.random.default_rng(2)
    centres = generator.standard_normal((40, DIMENSION))
    vectors = centres[generator.integers(0, 40, VECTORS)]
    vectors = vectors + 0.4 * generator.standard_normal((VECTORS, DIMENSION))
    codes = np.rint(vectors * (127 / np.abs(vectors).max(axis=1, keepdims=True))).astype(np.int8)
    scales = 1 / np.linalg.norm(codes.astype(np.float32), axis=1).astype(np.float32)
    np.save(tmp_path / "codes.npy", codes)
    np.save(tmp_path / "scales.npy", scales)
    return tmp_path / "codes.npy", tmp_path / "scales.npy"


@pytest.mark.parametrize("piece", [ann_build._ADDED_AT_ONCE, 700])
def test_lists_are_those_of_an_index_filled_in_memory(
    stored: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(ann_build, "_ADDED_AT_ONCE", piece)
    said = build_ann(tmp_path / "ann.faiss", *stored)
    written = faiss.read_index(str(tmp_path / "ann.faiss"))
    assert written.ntotal == VECTORS
    assert f"IVF{written.nlist},SQ8, {written.nprobe} lists visited" in said
    vectors = np.load(stored[0]) * np.load(stored[1])[:, None]
    filled = faiss.clone_index(written)
    filled.reset()
    filled.add(vectors)
    for number in range(written.nlist):
        size = filled.invlists.list_size(number)
        assert written.invlists.list_size(number) == size
        if size:
            for lists, length in (("get_ids", size), ("get_codes", size * written.code_size)):
                own, other = (
                    faiss.rev_swig_ptr(getattr(index.invlists, lists)(number), length)
                    for index in (written, filled)
                )
                assert np.array_equal(own, other)


def test_the_file_is_searched_through_mmap(stored: tuple[Path, Path], tmp_path: Path) -> None:
    build_ann(tmp_path / "ann.faiss", *stored)
    vectors = (np.load(stored[0]) * np.load(stored[1])[:, None]).astype(np.float32)
    entries, scores = AnnIndex(tmp_path / "ann.faiss").nearest(vectors[:50], 1, None, exact=True)
    assert entries[:, 0].tolist() == list(range(50))
    assert scores[:, 0] == pytest.approx(1, abs=0.02)


def test_nearest_in_all_lists_whatever_the_pieces(
    stored: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_ann(tmp_path / "ann.faiss", *stored)
    queries = (np.load(stored[0]) * np.load(stored[1])[:, None]).astype(np.float32)[:40]
    index = faiss.read_index(str(tmp_path / "ann.faiss"))
    index.nprobe = index.nlist
    expected = index.search(queries, 20)[0]
    monkeypatch.setattr(ann_build, "_LISTS_AT_ONCE", 7)
    nearest = ann_build._true_nearest(tmp_path / "ann.faiss", queries)
    index.make_direct_map()
    vectors = index.reconstruct_n(0, VECTORS)
    assert np.einsum("qd,qkd->qk", queries, vectors[nearest]) == pytest.approx(expected, abs=1e-4)
