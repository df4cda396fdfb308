from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

from biopipe.errors import ModelError
from biopipe.ner.tagger import Tagger
from biopipe.runtime.trunk import KeptStates, Trunk, kept_states
from biopipe.train.export import About, export_model, parity_sample
from biopipe.types import Document

TEXTS = ["aspirin in cancer", "the gene " * 900, "", "patients"]


@pytest.fixture(scope="module")
def shared(tiny_tagger_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tagger that also gives the states of its first layer."""
    folder = tmp_path_factory.mktemp("models") / "shared"
    export_model(
        str(tiny_tagger_checkpoint), folder, about=About(name="shared"), precision="int8",
        documents=parity_sample(None), states_layer=1,
    )  # fmt: skip
    return folder


def test_states_that_the_tagger_left_are_those_the_trunk_reads_itself(shared: Path) -> None:
    tagger = Tagger(shared)
    assert kept_states(tagger.manifest, "cpu") is None  # nobody reads them yet
    trunk = Trunk(shared)
    alone = trunk.read(TEXTS)
    tagger.predict([Document(str(i), text) for i, text in enumerate(TEXTS)])
    kept = kept_states(tagger.manifest, "cpu")
    assert kept is not None
    left = [kept.take(text) for text in TEXTS]
    for one, other in zip(alone, left, strict=True):
        assert other is not None
        assert np.array_equal(one[0].ids, other[0].ids)
        assert one[1].shape == other[1].shape
        assert np.array_equal(one[1], other[1])
    assert alone[0][1].shape == (len(alone[0][0].ids), 48)
    assert alone[1][1].shape[0] == 1800  # a text of several windows has the states of all its tokens
    assert kept.take(TEXTS[0]) is None  # given out once
    kept.keep(TEXTS[0], *alone[0])
    trunk.forget(TEXTS)
    assert kept.take(TEXTS[0]) is None
    del kept, trunk
    assert kept_states(tagger.manifest, "cpu") is None


def test_the_tagger_finds_the_same_whether_its_states_are_read_or_not(shared: Path) -> None:
    documents = [Document("1", TEXTS[0]), Document("2", TEXTS[1])]
    before = Tagger(shared).predict(documents)
    trunk = Trunk(shared)
    assert Tagger(shared).predict(documents) == before
    assert len(trunk.read([TEXTS[0]])) == 1


def test_the_oldest_states_go_when_there_is_no_room(shared: Path) -> None:
    trunk = Trunk(shared)
    (tokens, states) = trunk.read(["aspirin"])[0]
    kept = KeptStates(most_bytes=2 * states.nbytes)
    for text in ("a", "b", "a", "c"):
        kept.keep(text, tokens, states)
    assert kept.take("b") is None
    assert kept.take("a") is not None
    assert kept.take("c") is not None


def test_the_states_of_another_model_are_refused(shared: Path, tiny_tagger: Path) -> None:
    with pytest.raises(ModelError, match=r"gives no hidden states; export it again with --states-layer"):
        Trunk(tiny_tagger)
    with pytest.raises(ModelError, match="is not the one whose hidden states were trained on"):
        Trunk(shared, sha256="0" * 64)
