"""Concepts that a plan makes one."""

from biopipe.kb.build.grouping import grouped_concepts
from biopipe.kb.build.merge import plan_join
from biopipe.kb.schema import Concept


def test_one_concept_of_several() -> None:
    concepts = [
        Concept("MESH:1", "Leukemia, Acute", ("aml",), ("Disease",), parents=("MESH:2",)),
        Concept("MONDO:1", "acute leukemia", ("AML", "leukemia, acute"), ("Disease",), "Bad."),
        Concept("MONDO:2", "blood disease", types=("Disease",)),
        Concept("HP:1", "Leukemia", ("x",), ("Phenotype",), synonym_kinds=("related",)),
        Concept("MONDO:9", "old", replaced_by="MONDO:1"),
    ]
    plan = plan_join(concepts, [("MESH:1", "MONDO:1"), ("MONDO:1", "HP:1")])
    joined, other, retired = grouped_concepts(concepts, plan)
    assert (joined.id, joined.name) == ("MESH:1", "Leukemia, Acute")
    assert joined.synonyms == ("AML", "acute leukemia", "Leukemia", "x")
    assert joined.synonym_kinds == ("exact", "exact", "exact", "related")
    assert joined.xrefs == ("MONDO:1", "HP:1")
    assert (joined.types, joined.definition) == (("Disease", "Phenotype"), "Bad.")
    assert other.id == "MONDO:2"
    assert (retired.id, retired.replaced_by) == ("MONDO:9", "MESH:1")
