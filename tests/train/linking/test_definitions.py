"""Short forms counted by what texts define them as."""

from pathlib import Path

import pytest

from biopipe.document import Document
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.mention_prior import name_key
from biopipe.train.linking.definitions import definition_counts

CONCEPTS = (
    Concept("D:1", "rheumatoid arthritis", ("arthritis, rheumatoid",), ("Disease",)),
    Concept("D:2", "refractory anemia", ("RA",), ("Disease",)),
    Concept("C:1", "retinoic acid", (), ("Chemical",)),
)


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    folder: Path = tmp_path_factory.mktemp("definitions") / "kb"
    compile_kb(CONCEPTS, folder, name="d", version="1", licence="CC0", sources={})
    return KnowledgeBase.open(folder)


def _texts(*long_forms: str) -> list[Document]:
    return [Document(str(n), f"We saw {form} (RA).") for n, form in enumerate(long_forms)]


def test_documents_are_counted_by_the_concept_that_bears_the_long_form(kb: KnowledgeBase) -> None:
    texts = _texts(*["rheumatoid arthritis"] * 5, "Rheumatoid Arthritis", "refractory anemia")
    twice = Document("t", "The rheumatoid arthritis (RA). A rheumatoid arthritis (RA).")
    assert definition_counts([*texts, twice], {"Disease": kb, "Chemical": kb}) == {
        "Disease": {name_key("RA"): {"D:1": 7, "D:2": 1}},
        "Chemical": {},
    }


@pytest.mark.parametrize(
    "long_forms",
    [
        ["rheumatoid arthritis"] * 4,  # too few
        [*["rheumatoid arthritis"] * 5, *["refractory anemia"] * 2],  # several meanings
        [*["rheumatoid arthritis"] * 5, *["radial artery"] * 2],  # one that no concept bears
        ["radial artery"] * 9,
    ],
)
def test_short_forms_without_one_clear_concept_are_left_out(
    kb: KnowledgeBase, long_forms: list[str]
) -> None:
    assert definition_counts(_texts(*long_forms), {"Disease": kb}) == {"Disease": {}}
