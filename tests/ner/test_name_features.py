"""Where the names that a tagger is told come from."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe import extras
from biopipe.errors import ConfigError, ExtraMissing
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.default import DEFAULT, default_recipe
from biopipe.kb.schema import Concept
from biopipe.ner import name_features
from biopipe.ner.name_features import (
    FEATURES_PER_LABEL,
    KnownName,
    NameFeatures,
    announce,
    feature_rows,
    token_ranges,
    told_names,
)
from biopipe.runtime.opened import open_model
from biopipe.runtime.tokenizer import Tokens

TEXT = "Asthma and diabetes mellitus in asthma."


@pytest.fixture
def no_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the cache folder, and no package to build the default base from."""
    monkeypatch.setenv("BIOPIPE_CACHE", str(tmp_path))
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    for source in json.loads(default_recipe().read_text())["sources"]:
        if "package" in source:
            monkeypatch.setitem(sys.modules, source["package"], None)


@pytest.mark.usefixtures("no_packages")
def test_without_the_packages_of_the_default_base_a_tagger_is_told_nothing_and_says_so() -> None:
    names = NameFeatures([DEFAULT], ["Disease"], optional=True)
    with pytest.warns(UserWarning, match=r"finds fewer mentions.*biopipe\[kb\]"):
        assert names.names("asthma") == []
    assert names.names("asthma") == []  # told once


@pytest.mark.usefixtures("no_packages")
def test_a_base_that_was_asked_for_is_not_left_out() -> None:
    with pytest.raises(ExtraMissing, match=r"biopipe\[kb\]"):
        NameFeatures([DEFAULT], ["Disease"]).names("asthma")


def test_a_graph_that_is_told_no_names(tiny_tagger: Path) -> None:
    manifest = open_model(tiny_tagger).manifest
    assert told_names(manifest) is None
    with pytest.raises(ConfigError, match="leave kb out"):
        told_names(manifest, [DEFAULT])


@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12), st.integers(0, 2)), max_size=6),
)
def test_all_names_together_as_one_after_the_other(
    lengths: list[int], spans: list[tuple[int, int, int]]
) -> None:
    ends = np.cumsum(lengths)
    offsets = np.stack([ends - lengths, ends], axis=1)
    numbers = np.arange(len(lengths))
    tokens = Tokens(ids=numbers, offsets=offsets, words=numbers)
    names = [
        KnownName(start, start + size, label, 0.1 * (number + 1))
        for number, (start, size, label) in enumerate(spans)
    ]
    rows = np.zeros((len(lengths), 3 * FEATURES_PER_LABEL), dtype=np.float32)
    for name, (first, end) in zip(names, token_ranges(names, tokens), strict=True):
        announce(rows, first, end, name.label, name.likelihood)
    assert np.array_equal(feature_rows(names, tokens, 3), rows)


def test_a_name_that_another_thread_is_looking_up_is_no_unknown_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    concepts = [Concept("X:1", "asthma", types=("Disease",))]
    concepts.append(Concept("X:2", "diabetes mellitus", types=("Disease",)))
    kb = compile_kb(
        concepts,
        tmp_path / "kb",
        name="diseases",
        version="1",
        licence="",
        sources={},
        ngrams=False,
    )
    features = NameFeatures([kb], ["Disease"])
    meanings = name_features._BaseNames._meanings
    meanwhile: list[list[KnownName]] = []

    def while_another_asks(self: Any, surface: str, matches: Any) -> Any:
        if not meanwhile:
            meanwhile.append([])  # the other thread comes here, too
            with ThreadPoolExecutor(1) as other:
                meanwhile.append(other.submit(features.names, TEXT).result())
        return meanings(self, surface, matches)

    monkeypatch.setattr(name_features._BaseNames, "_meanings", while_another_asks)
    names = features.names(TEXT)
    assert [TEXT[name.start : name.end] for name in names] == [
        "Asthma",
        "diabetes mellitus",
        "asthma",
    ]
    assert meanwhile[1] == names
