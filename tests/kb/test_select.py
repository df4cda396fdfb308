"""Filters by type, source and branch, and ids that stand for others."""

import numpy as np
import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

CONCEPTS = (
    Concept("A:0", "root", types=("Finding",), source="MSH"),
    Concept("A:1", "heart disease", types=("Disease", "Finding"), parents=("A:0",), source="MSH"),
    Concept("A:2", "angina", types=("Disease",), parents=("A:1", "A:5"), source="NCI"),
    Concept("A:3", "stable angina", parents=("ALT:2",), source="NCI"),
    Concept("A:5", "pain", types=("Symptom",), parents=("A:0", "A:3"), source="SNOMEDCT_US"),
    Concept("ALT:2", "angina pectoris", types=("Disease",), replaced_by="A:2"),
    Concept("ALT:9", "older", replaced_by="ALT:2"),
    Concept("ALT:8", "gone", replaced_by="Z:1"),
    Concept("C:1", "circle", replaced_by="C:2"),
    Concept("C:2", "round", replaced_by="C:1"),
    Concept("C:3", "to the circle", replaced_by="C:2"),
)


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    directory = tmp_path_factory.mktemp("select") / "kb"
    return KnowledgeBase.open(
        compile_kb(CONCEPTS, directory, name="t", version="1", licence="", sources={})
    )


def chosen(kb: KnowledgeBase, **filters: object) -> list[str]:
    mask = kb.select(**filters)  # type: ignore[arg-type]
    assert mask is not None
    return [kb.concept_id(row) for row in np.flatnonzero(mask)]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"types": ["Disease"]}, ["A:1", "A:2"]),
        ({"types": ["Symptom", "Finding"]}, ["A:0", "A:1", "A:5"]),
        ({"sources": ["NCI"]}, ["A:2", "A:3"]),
        ({"sources": ["MSH", "SNOMEDCT_US"], "types": ["Finding"]}, ["A:0", "A:1"]),
        ({"branches": ["A:1"]}, ["A:1", "A:2", "A:3", "A:5"]),
        ({"branches": ["ALT:9"]}, ["A:2", "A:3", "A:5"]),
        ({"branches": ["A:1"], "types": ["Disease"]}, ["A:1", "A:2"]),
    ],
)
def test_filters(kb: KnowledgeBase, filters: dict[str, list[str]], ids: list[str]) -> None:
    assert chosen(kb, **filters) == ids


def test_no_filter_is_none_and_equal_filters_give_one_mask(kb: KnowledgeBase) -> None:
    assert kb.select() is None
    mask = kb.select(types=["Disease", "Symptom"])
    assert kb.select(types=("Symptom", "Disease")) is mask
    assert mask is not None
    assert not mask.flags.writeable


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"types": ["disease"]}, "no type 'disease'; near it are: Disease"),
        ({"types": ["Plants"]}, "no type 'Plants'; there are: Disease, Finding, Symptom"),
        ({"sources": ["SNOMEDCT"]}, "no source 'SNOMEDCT'; near it are: SNOMEDCT_US"),
        ({"branches": ["B:1"]}, "no concept 'B:1'"),
        (
            {"types": ["Symptom"], "sources": ["NCI"]},
            r"No concept .* passes the filter \(types Symptom; sources NCI\)",
        ),
        ({"types": []}, "No concept .* passes the filter"),
        ({"branches": ["C:1"]}, "No concept .* passes the filter"),
    ],
)
def test_what_cannot_be_filtered_by(
    kb: KnowledgeBase, filters: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(KnowledgeBaseError, match=message):
        kb.select(**filters)


def test_lookup_keeps_to_the_mask(kb: KnowledgeBase) -> None:
    assert [
        each.concept_id for each in kb.lookup("Angina", allowed=kb.select(sources=["NCI"]))
    ] == ["A:2"]
    assert kb.lookup("Angina", allowed=kb.select(sources=["MSH"])) == []


@pytest.mark.parametrize(
    ("id_", "canonical"),
    [
        ("A:1", "A:1"),
        ("ALT:2", "A:2"),
        ("ALT:9", "A:2"),
        ("ALT:8", "ALT:8"),
        ("Z:1", None),
        ("", None),
        ("C:1", "C:1"),
        ("C:2", "C:1"),
        ("C:3", "C:1"),
    ],
)
def test_canonical_ids(kb: KnowledgeBase, id_: str, canonical: str | None) -> None:
    assert kb.canonical(id_) == canonical


def test_rows_and_ids(kb: KnowledgeBase) -> None:
    row = kb.concept_row("A:2")
    assert row is not None
    assert (kb.concept_id(row), kb.preferred_name(row), kb.types_of(row)) == (
        "A:2",
        "angina",
        ("Disease",),
    )
    assert kb.concept_row("B:1") is None
