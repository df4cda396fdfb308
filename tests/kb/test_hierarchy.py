"""Ancestors and information contents of a hierarchy with a retired id, two parents and a cycle."""

from math import log
from pathlib import Path

import pytest

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.hierarchy import Hierarchy
from biopipe.kb.schema import Concept


@pytest.fixture
def kb(tmp_path: Path) -> KnowledgeBase:
    concepts = [
        Concept("D:root", "root"),
        Concept("D:a", "a", parents=("D:root",)),
        Concept("D:b", "b", parents=("D:old",)),
        Concept("D:ab", "ab", parents=("D:a", "D:b", "D:nowhere")),
        Concept("D:old", "old", replaced_by="D:root"),
        Concept("L:1", "one", parents=("L:2",)),
        Concept("L:2", "two", parents=("L:1",)),
    ]
    compile_kb(concepts, tmp_path / "kb", name="t", version="1", licence="CC0", sources={})
    return KnowledgeBase.open(tmp_path / "kb")


def ancestors(kb: KnowledgeBase, concept_id: str) -> set[str]:
    hierarchy = Hierarchy(kb)
    row = hierarchy.row(concept_id)
    assert row is not None
    return {kb.concept_id(above) for above in hierarchy.ancestors(row).tolist()}


def test_ancestors_with_the_concept_itself(kb: KnowledgeBase) -> None:
    assert ancestors(kb, "D:ab") == {"D:ab", "D:a", "D:b", "D:root"}
    assert ancestors(kb, "D:old") == {"D:root"}
    assert ancestors(kb, "L:1") == {"L:1", "L:2"}
    assert Hierarchy(kb).row("D:nowhere") is None


def test_a_concept_above_others_tells_less(kb: KnowledgeBase) -> None:
    hierarchy = Hierarchy(kb)
    content = {
        concept_id: hierarchy.information[hierarchy.row(concept_id)]
        for concept_id in ("D:root", "D:a", "D:ab", "L:1")
    }
    # Six concepts are in use; below the root lie three, below `a` and below each of the cycle one.
    assert content["D:ab"] == 1
    assert content["D:a"] == content["L:1"] == pytest.approx(1 - log(2) / log(6))
    assert content["D:root"] == pytest.approx(1 - log(4) / log(6))


def test_edges_that_are_gone_after_opening_are_still_there(kb: KnowledgeBase) -> None:
    edges = Hierarchy(kb).information
    (kb.path / "edges.arrow").unlink()
    assert (Hierarchy(kb).information == edges).all()
