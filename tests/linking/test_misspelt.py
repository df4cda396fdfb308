"""Misspelt names of kinds that are codes."""

from pathlib import Path

import pytest

from biopipe.document import Document, Mention
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.linker import Linker
from biopipe.linking.misspelt import have_unknown_words, may_be_misspelt, misspelt_hits

DRUGS = (
    "atorvastatin",
    "aica ribonucleoside",
    "simvastatin",
    "prednisone",
    "prednisolone",
    "cyclophosphamide",
)


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    concepts = [Concept(f"X:{i}", name, types=("Chemical",)) for i, name in enumerate(DRUGS)]
    folder: Path = tmp_path_factory.mktemp("drugs") / "kb"
    compile_kb(concepts, folder, name="drugs", version="1", licence="CC0", sources={})
    return KnowledgeBase.open(folder)


@pytest.mark.parametrize(
    ("surface", "may_be"),
    [("atorvstatin", True), ("sodium valproate", True), ("BRCA1", False), ("CHOLESTEROL", False)],
)
def test_long_words_may_be_misspelt(surface: str, may_be: bool) -> None:
    assert may_be_misspelt(surface) is may_be


def test_hits_are_names_with_a_wrong_letter_alone(kb: KnowledgeBase) -> None:
    surfaces = ["atorvstatin", "statinesque", "cyclofosphamide", "aica ribonucleotide"]
    hits = misspelt_hits(kb, surfaces, 5, None)
    names = {
        (surfaces[query], kb.name_text(name))
        for query, name in zip(hits.queries.tolist(), hits.names.tolist(), strict=True)
    }
    assert names == {
        ("atorvstatin", "atorvastatin"),
        ("cyclofosphamide", "cyclophosphamide"),
    }


def test_what_a_name_begins_with_is_no_misspelling(kb: KnowledgeBase) -> None:
    surfaces = ["prednisolone", "aica ribonucleotide", "aica 12", "atorvstatin"]
    assert have_unknown_words(kb, surfaces) == [False, True, False, True]


def test_a_misspelt_drug_is_linked_and_another_drug_is_not(kb: KnowledgeBase) -> None:
    texts = ("atorvstatin", "rosuvastatin")
    documents = [
        Document(text, text, mentions=(Mention(0, len(text), "Chemical"),)) for text in texts
    ]
    linked = Linker(kb, prior=None, threshold=0.3, similar_threshold=0.3).predict(documents)
    assert [document.mentions[0].concept_ids for document in linked] == [("X:0",), ()]
