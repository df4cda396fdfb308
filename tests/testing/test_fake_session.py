from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from biopipe.document import Document, Mention
from biopipe.errors import InputError
from biopipe.ner.tagger import Tagger
from biopipe.relations.extractor import RelationExtractor
from biopipe.testing import FakeSession, tiny_model


def test_a_tagger_finds_what_the_handler_says() -> None:
    tagger = Tagger(tiny_model("tiny-tagger"))
    aspirin = int(tagger.encoder.tokenize(["aspirin"])[0].ids[0])
    chemical = tagger.tags.labels.index("Chemical")

    def handler(feed: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        logits = np.zeros((*feed["input_ids"].shape, 13), dtype=np.float32)
        logits[..., 0] = 9.0
        logits[feed["input_ids"] == aspirin] = 0.0
        logits[feed["input_ids"] == aspirin, 1 + 2 * chemical] = 20.0
        return [logits]

    session = FakeSession(handler, outputs=["logits"])
    tagger.encoder.session = session
    text = "the aspirin, " + "the gene of patients " * 300 + "and Aspirin"
    (document,) = tagger.predict([Document("1", text)])
    assert [(text[m.start : m.end], m.label) for m in document.mentions] == [
        ("aspirin", "Chemical"),
        ("Aspirin", "Chemical"),
    ]
    # A long text is read in windows, one a feed as on a CPU.
    assert len(session.feeds) > 2
    assert all(feed["input_ids"].shape[0] == 1 for feed in session.feeds)


def test_a_relation_extractor_takes_one_too() -> None:
    extractor = RelationExtractor(tiny_model("tiny-relations"))

    def handler(feed: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        pairs = len(feed["pairs"])
        relations = np.tile(np.array([[0, 9, 0, 0]], dtype=np.float32), (pairs, 1))
        novelty = np.tile(np.array([[0, 9]], dtype=np.float32), (pairs, 1))
        return [relations, novelty, relations[:, :2], novelty]

    outputs = ["logits", "novelty", "cid", "cid_novelty"]
    extractor.session = FakeSession(handler, outputs=outputs)
    mentions = (
        Mention(0, 7, "Chemical", concept_ids=("C:1",)),
        Mention(11, 17, "Disease", concept_ids=("D:1",)),
    )
    (document,) = extractor.predict([Document("1", "aspirin in cancer", mentions=mentions)])
    (relation,) = document.relations
    assert (relation.label, relation.novel) == ("Association", True)


def test_a_faulty_handler_or_output_is_one_sentence() -> None:
    session = FakeSession(lambda feed: [], outputs=["logits"])
    with pytest.raises(InputError, match="gave 0 arrays for the outputs logits; give one for each"):
        session.run([{}])
    with pytest.raises(InputError, match="no output 'states', it has: logits"):
        session.run([{}], outputs=["states"])
