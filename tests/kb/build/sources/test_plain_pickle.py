"""Pickles that may hold anything."""

import bz2
import pickle
from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.plain_pickle import read_plain_pickle


def test_plain_containers(tmp_path: Path) -> None:
    content = {"names": {"a": ["b", "c"]}, "numbers": (1, 2.5, None, True)}
    path = tmp_path / "plain.pkl.bz2"
    path.write_bytes(bz2.compress(pickle.dumps(content)))
    assert read_plain_pickle(path) == content


@pytest.mark.parametrize("value", [Path("x"), {"a": [slice(1)]}, len])
def test_anything_else_is_refused_and_not_run(value: object, tmp_path: Path) -> None:
    path = tmp_path / "other.pkl.bz2"
    path.write_bytes(bz2.compress(pickle.dumps(value)))
    with pytest.raises(KnowledgeBaseError, match=r"no pickle of plain containers \(it wants "):
        read_plain_pickle(path)


@pytest.mark.parametrize("content", [b"", b"no pickle", bz2.compress(b"no pickle")])
def test_a_damaged_file(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "damaged.pkl.bz2"
    path.write_bytes(content)
    with pytest.raises(KnowledgeBaseError, match="install its package again"):
        read_plain_pickle(path)
