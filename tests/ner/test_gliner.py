"""The model folders and what the gliner package finds with them were made by
tests/data/gliner/make.py.
"""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from biopipe.document import Document, Mention
from biopipe.errors import ConfigError, InputError, ModelError
from biopipe.ner.gliner import Gliner

DATA = Path(__file__).parents[1] / "data" / "gliner"
LABELS = ("gene or protein", "disease", "drug")
TEXT = "Aspirin in patients with breast cancer: the BRCA1 gene (HeLa_2), IL-2 and 5'-AMP."


def found(gliner: Gliner, text: str) -> tuple[Mention, ...]:
    return gliner.predict([Document("1", text)])[0].mentions


@pytest.mark.parametrize("kind", ["uni", "bi"])
@pytest.mark.parametrize("way", ["flat", "nested"])
def test_finds_what_the_gliner_package_finds(kind: str, way: str) -> None:
    said: dict[str, Any] = json.loads((DATA / f"{kind}.json").read_text(encoding="utf-8"))
    gliner = Gliner(DATA / kind, labels=said["labels"], flat=way == "flat")
    documents = gliner.predict([Document(str(i), text) for i, text in enumerate(said["texts"])])
    for document, expected in zip(documents, said[way], strict=True):
        got = [[m.start, m.end, m.label] for m in document.mentions]
        assert sorted(got) == sorted(each[:3] for each in expected)
        scores = {(m.start, m.end): m.score for m in document.mentions}
        for start, end, _, score in expected:
            assert scores[start, end] == pytest.approx(score, abs=1e-4)
    assert sum(len(document.mentions) for document in documents) > 10


@pytest.mark.parametrize("kind", ["uni", "bi"])
def test_a_long_text_is_found_whole(kind: str) -> None:
    gliner = Gliner(DATA / kind, labels=LABELS)
    text = f"{TEXT} " * 60
    document = gliner.predict([Document("1", text)])[0]
    assert document.windows > 30
    assert document.mentions[0].start == 0
    assert document.mentions[-1].end > len(text) - 8
    assert len({(m.start, m.end) for m in document.mentions}) == len(document.mentions)
    covered = sum(m.end - m.start for m in document.mentions)
    assert covered > len(text) / 2


@pytest.mark.parametrize("kind", ["uni", "bi"])
def test_alone_or_among_others(kind: str) -> None:
    gliner = Gliner(DATA / kind, labels=LABELS, threads=2)
    texts = [TEXT, "", "cancer " * 70, "BRCA1"] * 20
    together = gliner.predict([Document("", text) for text in texts])
    assert [each.mentions for each in together[:4]] == [found(gliner, text) for text in texts[:4]]
    assert together[4:8] == together[:4]


def test_words_longer_than_a_window_stay_whole() -> None:
    gliner = Gliner(DATA / "uni", labels=LABELS[:2], threshold=0.1)
    residues = "MKVLAAGIVG" * 40
    text = " ".join([residues] * 8)
    mentions = found(gliner, text)
    assert mentions
    assert all(
        text[m.start : m.end].split() == [residues] * ((m.end - m.start) // 400) for m in mentions
    )


def test_labels_by_the_words_the_model_reads() -> None:
    plain = found(Gliner(DATA / "uni", labels=LABELS), TEXT)
    names = {"Gene": "gene or protein", "Disease": "disease", "Chemical": "drug"}
    mapped = found(Gliner(DATA / "uni", labels=names), TEXT)
    assert [(m.start, m.end, names[m.label], m.score) for m in mapped] == [
        (m.start, m.end, m.label, m.score) for m in plain
    ]
    assert {"|".join(m.sources) for m in mapped} == {"tiny-gliner-uni"}


def test_more_labels_than_one_prompt_holds() -> None:
    words = ("cell", "tissue", "organ", "gene", "drug", "virus", "plant", "fungus", "animal")
    labels = [f"kind of {word}" for word in words]
    gliner = Gliner(DATA / "uni", labels=labels, flat=False, threshold=0.3)
    assert len(gliner.prompts) > 1
    assert sorted(number for prompt in gliner.prompts for number in prompt.numbers) == list(
        range(9)
    )
    last = gliner.prompts[-1].numbers
    assert {m.label for m in found(gliner, TEXT)} & {labels[number] for number in last}


def test_label_vectors_are_made_once() -> None:
    gliner = Gliner(DATA / "bi", labels=LABELS)
    assert gliner.prompts is gliner.prompts
    assert gliner.prompts[0].labels.shape == (3, 12)
    many = Gliner(DATA / "bi", labels=[f"kind {number}" for number in range(200)])
    assert len(many.prompts) == 1


def test_a_word_without_pieces_moves_no_other() -> None:
    gliner = Gliner(DATA / "uni", labels=LABELS)
    plain, accented = "cancer of the cell", "cancer of the ce\u0301ll"
    assert [(m.start, m.end) for m in found(gliner, accented) if m.end <= 13] == [
        (m.start, m.end) for m in found(gliner, plain) if m.end <= 13
    ]
    assert all(m.end <= len(accented) for m in found(gliner, accented))


def test_thresholds_by_label() -> None:
    everything = found(Gliner(DATA / "uni", labels=LABELS, flat=False, threshold=0.3), TEXT)
    low, high = sorted({m.label for m in everything})[:2]
    thresholds = {low: 0.3, high: 1.0}
    chosen = found(Gliner(DATA / "uni", labels=LABELS, flat=False, threshold=thresholds), TEXT)
    assert low in {m.label for m in chosen}
    assert high not in {m.label for m in chosen}
    assert all(m.score > 0.5 for m in chosen if m.label != low)
    with pytest.raises(ConfigError, match="Unknown label 'cell' in the thresholds"):
        Gliner(DATA / "uni", labels=LABELS, threshold={"cell": 0.5})


def test_known_mentions_stay() -> None:
    gliner = Gliner(DATA / "uni", labels=LABELS)
    known = Mention(0, 7, "drug", sources=("gold",))
    mentions = gliner.predict([Document("1", TEXT, mentions=(known,))])[0].mentions
    assert known in mentions
    assert set(found(gliner, TEXT)) - {known} <= {*mentions, *found(gliner, TEXT)}


def test_pickles() -> None:
    gliner = Gliner(DATA / "bi", labels=LABELS, threads=1)
    again: Gliner = pickle.loads(pickle.dumps(gliner))
    assert found(again, TEXT) == found(gliner, TEXT)
    assert (again.model_name, again.model_hash) == (gliner.model_name, gliner.model_hash)


def test_what_cannot_be() -> None:
    with pytest.raises(ConfigError, match="has no 'model'"):
        Gliner("", labels=LABELS)
    with pytest.raises(ConfigError, match="comes without labels of its own"):
        Gliner(DATA / "uni")
    with pytest.raises(ConfigError, match="The labels are the text 'drug'"):
        Gliner(DATA / "uni", labels="drug")
    with pytest.raises(ConfigError, match="The label 'Gene' has no words"):
        Gliner(DATA / "uni", labels={"Gene": " "})
    with pytest.raises(ConfigError, match="has 301 pieces; give one of at most"):
        found(Gliner(DATA / "uni", labels=["x " * 300, "y"]), TEXT)
    with pytest.raises(ConfigError, match="has 300 pieces; give one of at most 62"):
        found(Gliner(DATA / "bi", labels=["x " * 300]), TEXT)
    with pytest.raises(InputError, match="lone surrogate"):
        found(Gliner(DATA / "uni", labels=LABELS), "a\ud800b")


def test_a_tagger_is_no_gliner() -> None:
    with pytest.raises(ModelError, match="does token-classification; give one that does gliner"):
        Gliner("biopipe-ner-minilm", labels=LABELS)
