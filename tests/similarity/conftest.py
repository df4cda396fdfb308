"""A small hierarchy of diseases that the tests of this folder share."""

import pytest

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

# A root over everything but the chemicals; heart disease has two parents; a retired id and a cycle.
PARENTS = {
    "D:root": (),
    "D:disease": ("D:root",),
    "D:infection": ("D:disease",),
    "D:cardiac": ("D:disease",),
    "D:myocarditis": ("D:cardiac", "D:infection"),
    "D:infarction": ("D:cardiac",),
    "D:flu": ("D:infection",),
    "C:aspirin": (),
    "L:1": ("L:2",),
    "L:2": ("L:1",),
}


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    concepts = [
        Concept(id_, id_.partition(":")[2], parents=parents) for id_, parents in PARENTS.items()
    ]
    concepts += [
        Concept("D:MI", "old", replaced_by="D:older"),
        Concept("D:older", "older", replaced_by="D:infarction"),
        Concept("D:lost", "lost", replaced_by="D:nowhere"),
    ]
    folder = tmp_path_factory.mktemp("similarity") / "kb"
    compile_kb(concepts, folder, name="small", version="1", licence="CC0", sources={})
    return KnowledgeBase.open(folder)
