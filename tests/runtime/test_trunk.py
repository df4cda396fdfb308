from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

from biopipe.document import Document
from biopipe.errors import ModelError
from biopipe.ner.tagger import Tagger
from biopipe.runtime.trunk import Trunk
from biopipe.train.export.model import About, export_model, parity_sample

TEXTS = ["aspirin in cancer", "the gene " * 900, "", "patients"]


@pytest.fixture(scope="module")
def shared(tiny_tagger_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tagger that also gives the states of its first layer."""
    folder = tmp_path_factory.mktemp("models") / "shared"
    export_model(
        str(tiny_tagger_checkpoint),
        folder,
        about=About(name="shared"),
        precision="int8",
        documents=parity_sample(None),
        states_layer=1,
    )
    return folder


def test_states_that_the_tagger_shares_are_those_the_trunk_reads_itself(shared: Path) -> None:
    tagger, trunk = Tagger(shared), Trunk(shared)
    documents = [Document(str(i), text) for i, text in enumerate(TEXTS)]
    alone = trunk.read(documents)
    assert all(not each.shared for each in tagger.predict(documents))  # nobody asked for them
    tagger.shares_states = True
    tagged = tagger.predict(documents)
    for document, made, read in zip(tagged, alone, trunk.read(tagged), strict=True):
        assert document.shared[trunk.graph] is read
        assert np.array_equal(made.tokens.ids, read.tokens.ids)
        assert np.array_equal(made.states, read.states)
    assert alone[0].states.shape == (len(alone[0].tokens.ids), 48)
    # A text of several windows has the states of all its tokens.
    assert alone[1].states.shape[0] == 1800


def test_the_tagger_finds_the_same_whether_it_shares_its_states_or_not(shared: Path) -> None:
    documents = [Document("1", TEXTS[0]), Document("2", TEXTS[1])]
    tagger = Tagger(shared)
    before = tagger.predict(documents)
    tagger.shares_states = True
    assert tagger.predict(documents) == before


def test_the_states_of_another_model_are_refused(shared: Path, tiny_tagger: Path) -> None:
    with pytest.raises(
        ModelError, match=r"gives no hidden states; export it again with --states-layer"
    ):
        Trunk(tiny_tagger)
    with pytest.raises(ModelError, match="is not the one whose hidden states were trained on"):
        Trunk(shared, sha256="0" * 64)
