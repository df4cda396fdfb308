from pathlib import Path

import numpy as np
import pytest

from biopipe.document import Document, Mention
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.linker import Linker
from biopipe.linking.scoring import CANDIDATE_FEATURES
from biopipe.train.linking.examples import linking_examples
from biopipe.train.linking.hidden_names import bases_without_names, hidden_name_examples

NAMES = ("breast cancer", "ovarian cancer", "lung cancer", "skin cancer", "gout", "liver cancer")
CONCEPTS = tuple(
    Concept(f"X:{number}", f"{name} of unusual sort", (name,), ("Disease",))
    for number, name in enumerate(NAMES)
)
HAS_EXACT = CANDIDATE_FEATURES.index("has exact")


def document(number: int, label: str = "Disease") -> Document:
    name = NAMES[number]
    mention = Mention(0, len(name), label, concept_ids=(f"X:{number}",))
    return Document(str(number), name, mentions=(mention,))


@pytest.fixture
def kb(tmp_path: Path) -> KnowledgeBase:
    folder = compile_kb(CONCEPTS, tmp_path / "kb", name="n", version="1", licence="CC0", sources={})
    return KnowledgeBase.open(folder)


def test_every_name_is_hidden_from_one_half_and_its_concept_is_still_there(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    documents = [document(number) for number in range(len(NAMES))]
    copies = bases_without_names({"": kb}, documents, tmp_path / "copies")
    for number, name in enumerate(NAMES):
        found = [copy[""].lookup(name) for copy in copies]
        assert sorted(map(bool, found)) == [False, True]
        assert all(f"X:{number}" in copy[""] for copy in copies)


def test_examples_have_no_exact_name_and_the_right_candidate(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    documents = [document(number) for number in range(len(NAMES))]
    seen = list(linking_examples(documents, Linker(kb, prior=None), halved=0))
    assert all((example.candidates[:, HAS_EXACT] > 0).any() for example in seen)
    copies = bases_without_names({"": kb}, documents, tmp_path / "copies")
    hidden = list(hidden_name_examples(documents, copies, weight=0.25))
    assert sorted(example.document for example in hidden) == list("012345")
    assert not any((example.candidates[:, HAS_EXACT] > 0).any() for example in hidden)
    assert {example.weight for example in hidden} == {0.25}
    assert np.mean([example.right.any() for example in hidden]) > 0.5


def test_other_labels_and_copies_that_are_there_stay(kb: KnowledgeBase, tmp_path: Path) -> None:
    documents = [document(0), document(1, "Phenotype")]
    bases, folder = {"": kb, "Disease": kb}, tmp_path / "copies"
    copies = bases_without_names(bases, documents, folder, labels=["Disease"])
    # Two labels of one base have one copy.
    assert all(copy[""] is copy["Disease"] for copy in copies)
    assert all(copy[""].lookup("ovarian cancer") for copy in copies)
    (example,) = hidden_name_examples(documents, copies, weight=1.0, labels=["Disease"])
    assert example.document == "0"
    again = bases_without_names(bases, documents, folder, labels=["Disease"])
    assert [copy[""].hash for copy in again] == [copy[""].hash for copy in copies]
