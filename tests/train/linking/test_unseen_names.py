"""Bases without some names."""

from pathlib import Path

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.train.linking.unseen_names import base_without_names, forms_of_name

CONCEPTS = (
    Concept(
        "X:1", "lung cancer", ("cancer, lung", "pulmonary neoplasm"), ("Disease",), xrefs=("Y:1",)
    ),
    Concept("X:2", "gout", types=("Disease",)),
    Concept("X:3", "BRCA1", types=("Gene",)),
)


def test_names_go_in_all_their_forms_and_the_next_takes_their_place(tmp_path: Path) -> None:
    whole = compile_kb(
        CONCEPTS,
        tmp_path / "kb",
        name="n",
        version="1",
        licence="CC0",
        sources={},
        prefer=["Y", "X"],
    )
    forms = forms_of_name("Lung cancers") | forms_of_name("gout")
    kb = KnowledgeBase.open(whole)
    reduced = base_without_names(kb, forms, tmp_path / "less", types=("Disease",))
    assert [concept.name for concept in reduced.concepts()] == ["pulmonary neoplasm"]
    assert reduced.lookup("lung cancer") == [] == reduced.lookup("cancer of the lung")
    assert [c.concept_id for c in reduced.lookup("pulmonary neoplasms")] == ["Y:1"]
    assert reduced.canonical("X:1") == "Y:1"
