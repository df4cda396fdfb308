"""Concepts narrowed before a build."""

from collections.abc import Iterator

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.filters import in_branches, of_sources, of_types, with_source, with_type
from biopipe.kb.schema import Concept

CONCEPTS = [
    Concept("A:9", "older", replaced_by="A:8"),
    Concept("A:8", "old", replaced_by="A:2"),
    Concept("A:1", "root", types=("Disease",)),
    Concept("A:3", "grandchild", types=("Gene",), parents=("A:2", "A:7")),
    Concept("A:2", "child", types=("Disease", "Gene"), parents=("A:1",)),
    Concept("B:4", "other", types=("Species",), source="Else"),
    Concept("B:5", "circle", parents=("B:6",)),
    Concept("B:6", "circle", parents=("B:5",)),
    Concept("B:7", "old species", replaced_by="B:4"),
]


def ids(concepts: Iterator[Concept]) -> list[str]:
    return [concept.id for concept in concepts]


def test_types() -> None:
    assert ids(of_types(CONCEPTS, ["Gene"])) == ["A:3", "A:2", "A:9", "A:8"]
    assert ids(of_types(CONCEPTS, ["Species", "Disease"])) == [
        "A:1",
        "A:2",
        "B:4",
        "A:9",
        "A:8",
        "B:7",
    ]


@pytest.mark.parametrize(
    ("type_", "message"),
    [
        ("Diseases", "near it are: Disease"),
        ("gene", "near it are: Gene"),
        ("Q", "there are: Disease, Gene, Species"),
    ],
)
def test_an_unknown_type(type_: str, message: str) -> None:
    with pytest.raises(KnowledgeBaseError, match=f"No concept is of the type '{type_}'; {message}"):
        list(of_types(CONCEPTS, ["Gene", type_]))


def test_a_type_where_no_concept_has_one() -> None:
    with pytest.raises(
        KnowledgeBaseError, match="No concept has a type; give them one with --type Gene"
    ):
        list(of_types([Concept("A:1", "x")], ["Gene"]))


@pytest.mark.parametrize("type_", ["T047", "DISO", "disorders", "disease or syndrome"])
@pytest.mark.parametrize("own", ["T047", "Disease or Syndrome"])
def test_semantic_types_by_code_or_name(type_: str, own: str) -> None:
    concepts = [Concept("A:1", "x", types=(own,)), Concept("A:2", "y", types=("T121",))]
    assert ids(of_types(concepts, [type_])) == ["A:1"]


def test_sources_by_name_or_prefix() -> None:
    assert ids(of_sources(CONCEPTS, ["Else"])) == ["B:4", "B:7"]
    assert ids(of_sources(CONCEPTS, ["A"])) == ["A:1", "A:3", "A:2", "A:9", "A:8"]
    with pytest.raises(KnowledgeBaseError, match="of the source 'C'"):
        list(of_sources(CONCEPTS, ["C"]))


def test_branches() -> None:
    def branch(*names: str) -> list[str]:
        return ids(in_branches(lambda: CONCEPTS, names))

    assert branch("A:2") == ["A:9", "A:8", "A:3", "A:2"]
    assert branch("A:3", "B:4") == ["A:3", "B:4", "B:7"]
    assert branch("B:5") == ["B:5", "B:6"]
    assert branch("A:9") == branch("A:2"), "a retired id stands for its successor"
    with pytest.raises(
        KnowledgeBaseError, match="There is no concept 'a:1' to be a branch; near it are: A:1"
    ):
        branch("a:1")


def test_given_types() -> None:
    bare, typed, old = (
        Concept("A:1", "x"),
        Concept("A:2", "x", types=("T",)),
        Concept("A:3", "x", replaced_by="A:1"),
    )
    assert [each.types for each in with_type([bare, typed, old], "D")] == [("D",), ("T",), ()]
    groups = with_type([bare, typed, old, Concept("A:4", "x", types=("D",))], "D", groups=True)
    assert [each.types for each in groups] == [("D",), ("D", "T"), (), ("D",)]


def test_sources_of_concepts_that_name_none() -> None:
    assert [each.source for each in with_source([CONCEPTS[2], CONCEPTS[5]])] == ["A", "Else"]
