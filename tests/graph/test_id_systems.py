import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biopipe.document import Candidate, Document, Mention, Relation
from biopipe.errors import KnowledgeBaseError, OutputError
from biopipe.graph import GraphOptions, build_graph
from biopipe.graph.id_systems import IdSystems
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

WriteRun = Callable[..., Path]

TEXT = "asthma drug lung asthma"
CONCEPTS = (
    Concept("MESH:1", "asthma", xrefs=("MONDO:1", "OMIM:1")),
    Concept("MESH:2", "drug", xrefs=("DrugBank:2",)),
    Concept("HP:3", "lung", xrefs=("MESH:3",)),
)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return built(tmp_path, CONCEPTS)


def built(folder: Path, concepts: tuple[Concept, ...]) -> Path:
    return compile_kb(
        concepts,
        folder / "kb",
        name="ids",
        version="1",
        licence="CC0",
        sources={},
        prefer=("MESH",),
    )


def document(name: str, asthma: str, *more: str) -> Document:
    """Asthma under one of its ids, related to the drug, which acts on it."""
    mentions = (
        Mention(
            *(0, 6, "Disease"),
            concept_ids=(asthma, *more),
            candidates=(Candidate(asthma, "Asthma", 0.9),),
        ),
        Mention(7, 11, "Chemical", concept_ids=("MESH:2",)),
        Mention(12, 16, "Disease", concept_ids=("HP:3",)),
    )
    relation = Relation(asthma, "MESH:2", "Association", 0.9, subject="MESH:2", subject_score=0.8)
    return Document(name, TEXT, mentions, (relation,))


def rows(graph: Path, name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = pq.read_table(graph / f"{name}.parquet").to_pylist()
    return found


def test_concepts_have_the_ids_of_the_systems_that_are_preferred(
    base: Path, write_run: WriteRun, tmp_path: Path
) -> None:
    run = write_run("run", [document("a", "MESH:1"), document("b", "OMIM:1", "MESH:1")])
    options = GraphOptions(directed=True, prefer=("MONDO", "DrugBank"), kb=str(base))
    build_graph([run], tmp_path / "graph", options=options)
    nodes = {row["id"]: row for row in rows(tmp_path / "graph", "nodes")}
    assert set(nodes) == {"MONDO:1", "DrugBank:2", "MESH:3"}
    asthma = nodes["MONDO:1"]
    # Two ids of one mention that are one concept count once.
    assert (asthma["name"], asthma["mentions"], asthma["documents"]) == ("Asthma", 2, 2)
    (edge,) = rows(tmp_path / "graph", "edges")
    assert (edge["head"], edge["tail"], edge["documents"]) == ("DrugBank:2", "MONDO:1", 2)
    (evidence,) = (tmp_path / "graph" / "evidence").iterdir()
    assert set(pq.read_table(evidence)["subject"].to_pylist()) == {"DrugBank:2"}


def test_adding_gives_what_building_from_all_gives(
    base: Path, write_run: WriteRun, tmp_path: Path
) -> None:
    first, second = (
        write_run("one", [document("a", "MESH:1")]),
        write_run("two", [document("b", "MONDO:1")]),
    )
    options = GraphOptions(prefer=("OMIM",), kb=str(base))
    build_graph([first], tmp_path / "added", options=options)
    build_graph([second], tmp_path / "added", add=True)
    build_graph([first, second], tmp_path / "whole", options=options)
    for name in ("nodes", "edges"):
        assert rows(tmp_path / "added", name) == rows(tmp_path / "whole", name)


def test_a_base_that_has_changed_adds_nothing(
    base: Path, write_run: WriteRun, tmp_path: Path
) -> None:
    graph = tmp_path / "graph"
    options = GraphOptions(prefer=("MONDO",), kb=str(base))
    build_graph([write_run("one", [document("a", "MESH:1")])], graph, options=options)
    before = json.loads((graph / "graph.json").read_text())
    built(tmp_path, CONCEPTS[:2])
    later = write_run("two", [document("b", "MESH:1")])
    with pytest.raises(OutputError, match="another state of the knowledge base"):
        build_graph([later], graph, add=True)
    assert json.loads((graph / "graph.json").read_text()) == before


def test_ids_that_the_base_lacks_and_nulls_stay(base: Path) -> None:
    ids = pa.array(["MESH:1", None, "NIL:7", "OMIM:1"])
    renamed = IdSystems(["MONDO"], base).rename(ids)
    assert renamed.to_pylist() == ["MONDO:1", None, "NIL:7", "MONDO:1"]


def test_a_system_that_the_base_lacks_is_an_error(base: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="no ids of the system 'DOID'"):
        IdSystems(["DOID"], base)
