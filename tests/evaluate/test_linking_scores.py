import pytest

from biopipe.document import Candidate, Document, Mention
from biopipe.errors import InputError
from biopipe.evaluate.linking_scores import score_linking

TEXT = "x" * 60


def mention(start, label="Disease", ids=(), candidates=()):
    return Mention(
        start,
        start + 3,
        label,
        concept_ids=ids,
        candidates=tuple(
            Candidate(concept_id, concept_id, score) for concept_id, score in candidates
        ),
    )


def document(*mentions, id="a"):
    return Document(id, TEXT, mentions=mentions)


GOLD = document(
    mention(0, ids=("MESH:D1",)),
    mention(5, ids=("MESH:D2",)),
    mention(10, ids=("MESH:D3", "MESH:D4")),
    mention(15, "Chemical", ids=("MESH:C9",)),
    mention(20),
)
PREDICTED = document(
    mention(0, ids=("D1",), candidates=[("D1", 0.9)]),
    mention(5, candidates=[("D7", 0.4), ("D2", 0.3)]),
    mention(10, ids=("MESH:D4", "MESH:D3"), candidates=[("MESH:D4", 0.8), ("MESH:D3", 0.8)]),
    mention(15, "Chemical"),
    mention(20, ids=("MESH:D5",), candidates=[("MESH:D5", 0.6)]),
)
BASE = {"Disease": {"MESH:D1", "D2", "MESH:D3", "MESH:D4", "MESH:D5"}, "Chemical": {"MESH:D1"}}


def known(label, concept_id):
    return concept_id in BASE[label]


def test_hand_counted():
    scores = score_linking([GOLD], [PREDICTED], known=known)
    assert scores["mentions"] == 4
    assert scores["coverage"] == 3 / 4
    assert scores["recall@1"] == 2 / 4
    assert scores["recall@5"] == scores["recall@20"] == 3 / 4
    assert scores["accuracy"] == 2 / 5
    # Gold NIL are the chemical that the knowledge base lacks and the unlinked disease.
    assert scores["nil"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "tp": 1, "fp": 1, "fn": 1}
    # 0.9 and 0.8 are right, 0.6 is wrong.
    assert scores["ece"] == pytest.approx((0.1 + 0.2 + 0.6) / 3)
    assert scores["types"]["Chemical"]["recall@1"] == 0
    assert scores["types"]["Chemical"]["coverage"] == 0
    assert scores["types"]["Chemical"]["ece"] is None
    assert scores["types"]["Disease"]["mentions"] == 3


def test_a_mention_that_was_not_found_is_no_hit_and_no_nil():
    scores = score_linking([GOLD], [document()], known=known)
    assert scores["recall@20"] == scores["accuracy"] == 0
    assert scores["nil"]["tp"] == scores["nil"]["fp"] == 0


def test_without_a_knowledge_base_there_is_no_coverage():
    scores = score_linking([GOLD], [PREDICTED])
    assert scores["coverage"] is None
    assert scores["nil"]["fn"] == 1
    assert scores["nil"]["tp"] == 0


def test_a_composite_needs_all_its_ids():
    gold = document(mention(0, ids=("MESH:D1", "MESH:D2")))
    half = document(mention(0, ids=("MESH:D1",), candidates=[("MESH:D1", 0.9), ("MESH:D8", 0.1)]))
    assert score_linking([gold], [half])["recall@5"] == 0


def test_the_interval_is_of_recall_at_one():
    gold = [document(mention(0, ids=("MESH:D1",)), id=str(i)) for i in range(100)]
    right, wrong = (mention(0, ids=(f"MESH:{concept}",)) for concept in ("D1", "D2"))
    predicted = [document(right if i % 2 else wrong, id=str(i)) for i in range(100)]
    low, high = score_linking(gold, predicted)["ci95"]
    assert 0.37 < low < 0.45 < 0.55 < high < 0.63


def test_a_gold_without_ids_is_an_error():
    with pytest.raises(InputError, match="No gold mention has a concept id"):
        score_linking([document(mention(0))], [document(mention(0))])
