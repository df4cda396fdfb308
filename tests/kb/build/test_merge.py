"""Joining equal concepts of several vocabularies."""

from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.build.merge import JoinPlan, plan_join
from biopipe.kb.schema import Concept

MESH = [
    Concept(
        "MESH:D1",
        "Asthma",
        ("Bronchial Asthma",),
        ("Disease",),
        parents=("MESH:D2",),
        source="MeSH",
    ),
    Concept("MESH:D2", "Lung Diseases", types=("Disease",), source="MeSH"),
    Concept("MESH:D9", "Old asthma", replaced_by="MESH:D1", source="MeSH"),
]
DOID = [
    Concept(
        "DOID:2",
        "lung disease",
        ("pulmonary disease",),
        ("Disease",),
        "Of lungs.",
        ("DOID:4",),
        source="DO",
    ),
    Concept("DOID:1", "asthma", types=("respiratory",), parents=("DOID:2", "DOID:4"), source="DO"),
    Concept("DOID:4", "disease", source="DO"),
    Concept("DOID:7", "asthma, old", replaced_by="DOID:1", source="DO"),
]
PAIRS = [("MONDO:1", "MESH:D1"), ("MONDO:1", "DOID:1"), ("DOID:2", "MESH:D2")]


def joined(
    concepts: Sequence[Concept], pairs: Sequence[tuple[str, str]]
) -> tuple[JoinPlan, list[Concept]]:
    plan = plan_join(concepts, pairs)
    return plan, list(plan.apply(concepts))


def test_the_first_id_is_the_main_one_and_all_others_lead_to_it() -> None:
    plan, concepts = joined([*MESH, *DOID], PAIRS)
    assert (plan.joined, plan.refused) == (2, 0)
    retired = {concept.id: concept.replaced_by for concept in concepts if concept.replaced_by}
    assert retired == {
        "MESH:D9": "MESH:D1",
        "DOID:7": "MESH:D1",
    }
    assert [(concept.id, concept.xrefs) for concept in concepts if concept.xrefs] == [
        ("MESH:D1", ("MONDO:1",)),
        ("MESH:D2", ("DOID:2",)),
        ("MESH:D1", ("DOID:1",)),
    ]
    assert [concept.id for concept in concepts if not concept.replaced_by] == [
        "MESH:D1",
        "MESH:D2",
        "MESH:D2",
        "MESH:D1",
        "DOID:4",
    ]


def test_what_is_joined_is_compiled_into_one_concept(tmp_path: Path) -> None:
    _, concepts = joined([*MESH, *DOID], PAIRS)
    about = {"name": "t", "version": "1", "licence": "CC0", "sources": {}}
    kb = KnowledgeBase.open(compile_kb(concepts, tmp_path / "kb", **about))
    assert len(kb) == 3
    asthma, lung = kb.concept("MESH:D1"), kb.concept("MESH:D2")
    assert (asthma.name, asthma.types) == ("Asthma", ("Disease", "respiratory"))
    assert asthma.parents == ("MESH:D2", "DOID:4"), "parents are main ids, each once"
    assert (lung.definition, lung.parents) == ("Of lungs.", ("DOID:4",))
    assert (asthma.xrefs, lung.xrefs) == (("MONDO:1", "DOID:1"), ("DOID:2",))
    assert kb.concept("DOID:2") == lung
    assert {kb.lookup(name)[0].concept_id for name in ("pulmonary disease", "lung diseases")} == {
        "MESH:D2"
    }
    assert [kb.canonical(id_) for id_ in ("MONDO:1", "DOID:7", "MESH:D9")] == ["MESH:D1"] * 3


def test_two_concepts_of_one_vocabulary_stay_two() -> None:
    pairs = [
        ("MONDO:1", "MESH:D1"),
        ("MONDO:1", "MESH:D2"),
        ("DOID:1", "MONDO:1"),
        ("DOID:2", "DOID:1"),
    ]
    plan, concepts = joined([*MESH, *DOID], pairs)
    assert (plan.joined, plan.refused) == (1, 2)
    assert plan.main == {"MONDO:1": "MESH:D1", "DOID:1": "MESH:D1"}
    assert {concept.id for concept in concepts if not concept.replaced_by} == {
        "MESH:D1",
        "MESH:D2",
        "DOID:2",
        "DOID:4",
    }


def test_ids_that_are_to_stay_apart_are_not_joined_by_a_chain() -> None:
    concepts = [Concept("A:1", "x"), Concept("B:1", "y"), Concept("C:1", "z")]
    pairs = [("A:1", "B:1"), ("B:1", "C:1")]
    assert plan_join(concepts, pairs).main == {"B:1": "A:1", "C:1": "A:1"}
    for apart in (frozenset({"A:1", "C:1"}), frozenset({"C:1", "A:1"})):
        plan = plan_join(concepts, pairs, apart=[apart])
        assert (plan.main, plan.refused) == ({"B:1": "A:1"}, 1)


def test_a_mapping_of_a_retired_id_holds_for_its_successor() -> None:
    plan, concepts = joined([*MESH, *DOID], [("DOID:7", "MESH:D9")])
    assert plan.main["DOID:1"] == "MESH:D1"
    ids = [concept.id for concept in concepts]
    assert len(set(ids)) == len(ids) - 1, (
        "the joined one is there as a row of the main one and as a retired one"
    )
    assert next(each.replaced_by for each in concepts if each.id == "DOID:7") == "MESH:D1"


def test_a_parent_that_becomes_the_concept_itself_goes() -> None:
    concepts = [
        Concept("A:1", "one"),
        Concept("B:1", "one", parents=("B:2",)),
        Concept("C:2", "x", parents=("B:1",)),
    ]
    _, found = joined(concepts, [("A:1", "B:1"), ("C:2", "B:1")])
    assert [concept.parents for concept in found if concept.id == "A:1"] == [(), ("B:2",), ()]


def test_circles_of_replaced_ids_end() -> None:
    circle = [
        Concept("A:1", "x", replaced_by="A:2"),
        Concept("A:2", "x", replaced_by="A:1"),
        Concept("B:1", "b"),
    ]
    plan, concepts = joined(circle, [("A:1", "B:1")])
    assert plan.main == {"A:1": "B:1"}
    assert len(concepts) == 3


def test_mappings_that_name_nothing_known_change_nothing() -> None:
    plan, concepts = joined(MESH, [("X:1", "Y:1"), ("MESH:D1", "MESH:D1")])
    assert (plan.joined, plan.refused, plan.main) == (0, 0, {})
    assert concepts == MESH


IDS = [f"{prefix}:{number}" for prefix in "ABCX" for number in range(4)]


@given(
    ids=st.lists(st.sampled_from(IDS[:12]), unique=True, max_size=12),
    pairs=st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)), max_size=20),
)
def test_any_join(ids: list[str], pairs: list[tuple[str, str]]) -> None:
    plan, concepts = joined([Concept(id_, f"name {id_}") for id_ in ids], pairs)
    living = {concept.id for concept in concepts if not concept.replaced_by}
    assert len(ids) == len(living) + plan.joined
    assert {concept.replaced_by for concept in concepts if concept.replaced_by} <= living
    for main in living:
        group = [main, *(id_ for id_ in ids if plan.main.get(id_) == main)]
        assert len({id_[0] for id_ in group}) == len(group), "one of each vocabulary"
        assert min(group, key=ids.index) == main
    assert {concept.name for concept in concepts if not concept.replaced_by} == {
        f"name {id_}" for id_ in ids
    }
