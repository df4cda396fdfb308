"""Which base answers for a label, and with ids of which system."""

import pickle
from pathlib import Path

import pytest

from biopipe.document import Document, Mention
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.linker import Linker

OWN = (
    Concept("OURS:1", "ward fever", ("fever",), ("Disease",)),
    Concept("OURS:2", "sweet blood", types=("Disease",)),
)
LARGE = (
    Concept(
        "MESH:D1",
        "Fever",
        ("pyrexia",),
        ("Disease", "Phenotype"),
        xrefs=("MONDO:1", "HP:1"),
    ),
    Concept("MESH:D2", "Asthma", types=("Disease",), xrefs=("MONDO:2",)),
    Concept("MONDO:3", "wheezing disease", ("Asthma",), ("Disease",)),
    Concept("MESH:D9", "old fever", replaced_by="MESH:D1"),
)


def built(concepts: tuple[Concept, ...], folder: Path, *prefer: str) -> Path:
    return compile_kb(
        concepts,
        folder,
        name=folder.name,
        version="1",
        licence="CC0",
        sources={},
        prefer=prefer,
    )


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(OWN, tmp_path_factory.mktemp("kb") / "own")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(LARGE, tmp_path_factory.mktemp("kb") / "large", "MESH")


def linked(linker: Linker, *names: str, label: str = "Disease") -> list[str]:
    text = " and ".join(names)
    starts = [text.index(name) for name in names]
    mentions = tuple(
        Mention(start, start + len(name), label) for start, name in zip(starts, names, strict=True)
    )
    (document,) = linker.predict([Document("d", text, mentions)])
    return [" ".join(mention.concept_ids) for mention in document.mentions]


def test_the_first_base_that_has_the_name_answers(own: Path, large: Path) -> None:
    for bases in ([own, large], {"Disease": [own, large]}):
        linker = Linker(bases, prior=None)
        assert linked(linker, "fever", "asthma", "sweet blood") == ["OURS:1", "MESH:D2", "OURS:2"]
    assert linked(Linker([large, own], prior=None), "fever", "sweet blood") == ["MESH:D1", "OURS:2"]
    resources = Linker({"Disease": [own, large], "": large}, prior=None).resources()
    assert [(each.name, each.label) for each in resources] == [
        ("own", "Disease"),
        ("large", "Disease"),
        ("large", ""),
    ]


def test_ids_of_a_preferred_system(large: Path) -> None:
    assert linked(Linker(large, prior=None), "fever", "asthma") == ["MESH:D1", "MESH:D2"]
    mondo = Linker(large, prior=None, prefer=["MONDO"])
    assert linked(mondo, "fever", "asthma") == ["MONDO:1", "MONDO:2"]
    by_label = Linker(large, prior=None, prefer={"Disease": ["HP", "MONDO"]})
    assert linked(by_label, "fever", "asthma") == ["HP:1", "MONDO:2"]
    assert linked(pickle.loads(pickle.dumps(by_label)), "fever") == ["HP:1"]


def test_phenotypes_have_hp_ids_where_the_base_joins_systems(large: Path, own: Path) -> None:
    linker = Linker(large, prior=None)
    assert linked(linker, "fever", label="Phenotype") == ["HP:1"]
    assert linked(linker, "fever") == ["MESH:D1"]


def test_a_base_shows_its_concepts_by_the_system_asked_for(large: Path) -> None:
    kb = KnowledgeBase.open(large, prefer=["HP", "MONDO"])
    assert [concept.id for concept in kb.concepts()] == ["HP:1", "MONDO:2", "MONDO:3"]
    fever = kb.concept("MESH:D1")
    assert (fever.id, fever.xrefs) == ("HP:1", ("MESH:D1", "MONDO:1"))
    assert kb.canonical("MESH:D9") == "HP:1"
    assert pickle.loads(pickle.dumps(kb)).prefer == ("HP", "MONDO")
    with pytest.raises(KnowledgeBaseError, match="no ids of the system 'MESHH'; near it are: MESH"):
        KnowledgeBase.open(large, prefer=["MESHH"])


def test_a_name_of_two_systems_means_the_one_that_is_preferred(large: Path) -> None:
    mesh, mondo = KnowledgeBase.open(large), KnowledgeBase.open(large, prefer=["MONDO"])
    assert [c.concept_id for c in mesh.lookup("asthma")] == ["MESH:D2", "MONDO:3"]
    assert mesh.lookup("asthma")[0].score > 5 * mesh.lookup("asthma")[1].score
    assert [c.concept_id for c in mondo.lookup("asthma")] == ["MONDO:2", "MONDO:3"]
    assert mondo.lookup("asthma")[1].score > 0


def test_ids_with_and_without_prefix(large: Path) -> None:
    kb = KnowledgeBase.open(large)
    assert [concept.id for concept in kb.concepts_with_id("D2")] == ["MESH:D2"]
    assert [concept.id for concept in kb.concepts_with_id("2")] == ["MESH:D2"]
    assert [concept.id for concept in kb.concepts_with_id("1")] == ["MESH:D1"]
    assert [concept.id for concept in kb.concepts_with_id("MONDO:3")] == ["MONDO:3"]
    assert kb.concepts_with_id("7") == []
