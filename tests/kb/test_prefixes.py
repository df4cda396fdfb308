"""The index of the beginnings of names."""

from pathlib import Path

import numpy as np
import pytest

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.name_forms import name_forms
from biopipe.kb.build.prefix_build import write_prefixes
from biopipe.kb.hashing import name_hash
from biopipe.kb.prefixes import NamePrefixes


def prefixes_of(names: list[str]) -> np.ndarray:
    found: np.ndarray = name_forms(names)["prefixes"].flatten().to_numpy()
    return found


def known(prefixes: NamePrefixes, *texts: str) -> list[bool]:
    return list(map(bool, prefixes.known(np.array([name_hash(text) for text in texts], np.uint64))))


def test_knows_what_goes_on_and_nothing_else(tmp_path: Path) -> None:
    write_prefixes(tmp_path, prefixes_of(["breast cancer", "diabetes mellitus type 2", "diabetes"]))
    prefixes = NamePrefixes(tmp_path)
    assert (
        known(prefixes, "breast", "diabetes", "diabetes mellitus", "diabetes mellitus type")
        == [True] * 4
    )
    assert known(prefixes, "breast cancer", "cancer", "diabetes mellitus type 2", "") == [False] * 4


def test_a_base_of_single_words_has_none(tmp_path: Path) -> None:
    write_prefixes(tmp_path, prefixes_of(["asthma"]))
    assert known(NamePrefixes(tmp_path), "asthma") == [False]


def test_every_build_writes_it(kb: KnowledgeBase) -> None:
    assert kb.manifest.files["prefixes.npy"]["bytes"] > 0
    assert known(NamePrefixes(kb.path), "diabetes mellitus type", "maturity", "asthma") == [
        True,
        True,
        False,
    ]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        NamePrefixes(tmp_path)
