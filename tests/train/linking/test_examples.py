"""Mentions as the linker's weights are fitted on them."""

from pathlib import Path

import pytest

from biopipe.document import Document, Mention
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.linker import Linker
from biopipe.train.linking.examples import linking_examples

CONCEPTS = (
    Concept("X:1", "breast cancer", ("breast carcinoma",), ("Disease",)),
    Concept("X:2", "ovarian cancer", types=("Disease",)),
    Concept("X:3", "gastric cancer", types=("Disease",)),
    Concept("NCBIGene:672", "BRCA1", types=("Gene", "NCBITaxon:9606")),
)


@pytest.fixture(scope="module")
def linker(tmp_path_factory: pytest.TempPathFactory) -> Linker:
    folder: Path = tmp_path_factory.mktemp("examples") / "kb"
    compile_kb(CONCEPTS, folder, name="n", version="1", licence="CC0", sources={})
    return Linker(folder, prior=None)


def document(text: str, *ids: str, label: str = "Disease", dictionary: str = "") -> Document:
    surface = text.split(", ")[0]
    mention = Mention(0, len(surface), label, concept_ids=ids, dictionary=dictionary)
    return Document(text, text, mentions=(mention,))


def test_every_mention_counts_whole_and_with_either_half_gone(linker: Linker) -> None:
    whole, *halves = linking_examples([document("breast cancr", "X:1")], linker)
    assert (whole.whole, int(whole.right.sum())) == (True, 1)
    assert sorted(int(half.right.sum()) for half in halves) == [0, 1]
    assert sum(len(half.right) for half in halves) == len(whole.right)
    assert not any(half.whole for half in halves)
    assert len(list(linking_examples([document("breast cancr", "X:1")], linker, halved=0))) == 1


@pytest.mark.parametrize(
    "told",
    [
        document("breast cancer", "Y:1"),
        document("breast cancer", "X:1", "X:2"),
        document("breast cancer", "X:1", dictionary="own"),
        document("BRCA1, in mice", "NCBIGene:672", label="Gene"),
    ],
)
def test_mentions_whose_ids_do_not_tell_are_left_out(linker: Linker, told: Document) -> None:
    assert list(linking_examples([told], linker)) == []


def test_a_mention_without_an_id_is_nil_and_several_may_be_alternatives(linker: Linker) -> None:
    (nil,) = linking_examples([document("breast cancer")], linker, halved=0)
    assert not nil.right.any()
    both = document("breast cancer", "X:1", "X:2")
    (either,) = linking_examples([both], linker, halved=0, any_of=True, weight=3.0)
    assert (either.right.sum(), either.weight) == (1, 3.0)
