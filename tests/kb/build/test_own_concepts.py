"""A user's terms on top of a base."""

from biopipe.kb.build.own_concepts import own_systems, with_own_concepts
from biopipe.kb.schema import Concept

BASE = [
    Concept("MESH:D1", "Asthma", xrefs=("MONDO:1",)),
    Concept("MESH:D2", "Cold"),
    Concept("MESH:D9", "old", replaced_by="MESH:D2"),
]


def added(*own: Concept, pairs: tuple[tuple[str, str], ...] = ()) -> list[Concept]:
    concepts = list(with_own_concepts(BASE, own, pairs))
    assert concepts[:3] == BASE
    return concepts[3:]


def test_by_an_id_of_the_base() -> None:
    assert added(Concept("MESH:D1", "wheeze")) == [Concept("MESH:D1", "wheeze")]
    assert added(Concept("MONDO:1", "wheeze")) == [Concept("MESH:D1", "wheeze", xrefs=("MONDO:1",))]
    assert added(Concept("MESH:D9", "sniffles")) == [
        Concept("MESH:D2", "sniffles", xrefs=("MESH:D9",))
    ]


def test_by_a_cross_reference_or_a_pair() -> None:
    own = Concept("OURS:1", "wheeze", xrefs=("MONDO:1",))
    assert added(own) == [Concept("MESH:D1", "wheeze", xrefs=("OURS:1", "MONDO:1"))]
    bare = Concept("OURS:1", "wheeze")
    for pair in (("OURS:1", "MESH:D1"), ("MESH:D1", "OURS:1")):
        assert added(bare, pairs=(pair,)) == [Concept("MESH:D1", "wheeze", xrefs=("OURS:1",))]


def test_a_concept_of_its_own() -> None:
    assert added(Concept("OURS:2", "new")) == [Concept("OURS:2", "new")]


def test_systems() -> None:
    own = [Concept("OURS:2", "new"), Concept("plain", "x"), Concept("MESH:D1", "y")]
    assert own_systems(own) == ("OURS", "MESH")
