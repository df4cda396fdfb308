"""Runs of words that have the hash of a name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.ner.dictionary_scan import NameScan

NAMES = (
    "non-small cell lung cancer",
    "lung cancer",
    "small cell",
    "TNF-alpha",
    "TNF",
    "IL-2",
    "5-HT(2A)",
    "p53",
    "glycogen storage disease type II",
    "the",
    "Alzheimer's disease",
    "anti-thrombin III",
    "tumor",
)


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> tuple[NameScan, NameScan]:
    """One base with the index of beginnings, and one as it was built before there was any."""
    scans = []
    for folder in ("new", "old"):
        path = tmp_path_factory.mktemp("kb") / folder
        concepts = [Concept(f"X:{number}", name) for number, name in enumerate(NAMES)]
        compile_kb(concepts, path, name="x", version="1", licence="", sources={}, ngrams=False)
        files = KnowledgeBase.open(path).files
        scans.append(NameScan(files.exact_hashes, files.prefixes if folder == "new" else None))
    return scans[0], scans[1]


def found(scan: NameScan, text: str) -> list[str]:
    return [text[start:end] for start, end in scan.spans(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "non-small cell lung cancers",
            ["small cell", "lung cancers", "non-small cell lung cancers"],
        ),
        ("TNF-α and TNFα", ["TNF", "TNF-α", "TNFα"]),
        ("IL-2, IL2; IL-20 and XIL-2", ["IL-2", "IL2"]),
        ("p53-mediated, 5-HT2A", ["p53", "5-HT2A"]),
        ("glycogen storage disease, type 2", ["glycogen storage disease, type 2"]),
        ("Alzheimer’s disease", ["Alzheimer’s disease"]),
        ("the antithrombin 3 of tumours", ["tumours", "antithrombin 3"]),
        ("lung\n\ncancer", []),
        ("lung\ncancer", ["lung\ncancer"]),
        ("", []),
    ],
)
def test_whole_words_in_any_form(
    scans: tuple[NameScan, NameScan], text: str, names: list[str]
) -> None:
    assert found(scans[0], text) == names


PIECES = st.sampled_from(
    [*NAMES, "type", "2", "α", "small", "cells", "non", "anti", "x", "(", ")", ".", "’s", "III"]
)


@settings(max_examples=100)
@given(st.lists(st.tuples(PIECES, st.sampled_from([" ", "-", "", "\n", "\n\n"])), max_size=12))
def test_a_base_without_beginnings_finds_the_same(
    scans: tuple[NameScan, NameScan], parts: list[tuple[str, str]]
) -> None:
    text = "".join(name + gap for name, gap in parts)
    assert scans[0].spans(text) == scans[1].spans(text)


TEXTS = st.lists(st.tuples(PIECES, st.sampled_from([" ", "-", "\n\n"])), max_size=8).map(
    lambda parts: "".join(name + gap for name, gap in parts)
)


@settings(max_examples=100)
@given(st.lists(TEXTS, max_size=4))
def test_many_texts_have_the_spans_of_single_ones(
    scans: tuple[NameScan, NameScan], texts: list[str]
) -> None:
    assert scans[0].spans_of_many(texts) == [scans[0].spans(text) for text in texts]
