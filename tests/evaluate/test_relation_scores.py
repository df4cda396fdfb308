import pytest

from biopipe.document import Document, Mention, Relation
from biopipe.errors import InputError
from biopipe.evaluate.relation_scores import score_relations

TEXT = "x" * 60
MENTIONS = (
    Mention(0, 3, "Gene", concept_ids=("NCBIGene:1",)),
    Mention(5, 8, "Gene", concept_ids=("NCBIGene:2",)),
    Mention(10, 13, "Disease", concept_ids=("MESH:D1",)),
    Mention(15, 18, "Chemical", concept_ids=("MESH:D2",)),
)


def document(*relations, id="a", mentions=MENTIONS):
    return Document(id, TEXT, mentions=mentions, relations=relations)


def relation(head, tail, label="Association", novel=None):
    return Relation(head, tail, label, novel=novel)


GOLD = document(
    relation("NCBIGene:1", "MESH:D1", "Positive_Correlation", True),
    relation("NCBIGene:2", "MESH:D1", "Association", False),
    relation("MESH:D2", "MESH:D1", "Negative_Correlation", True),
    relation("NCBIGene:1", "NCBIGene:2", "Bind", True),
)


def counts(scores):
    return scores["tp"], scores["fp"], scores["fn"]


def test_hand_counted():
    predicted = document(
        relation("MESH:D1", "NCBIGene:1", "Positive_Correlation", True),  # right, turned round
        relation("2", "D1", "Association", True),  # without prefix; novelty wrong
        relation("MESH:D2", "MESH:D1", "Association", True),  # type wrong
        relation(
            "NCBIGene:2", "MESH:D2", "Association", True
        ),  # a label pair the gold never relates
        relation("MESH:D1", "MESH:D1", "Association", False),  # the same
    )
    scores = score_relations([GOLD], [predicted])
    assert scores["documents"] == 1
    assert counts(scores["pair"]) == (3, 0, 1)
    assert counts(scores["type"]) == (2, 1, 2)
    assert counts(scores["novelty"]) == (1, 2, 3)
    assert scores["pair"]["f1"] == pytest.approx(6 / 7)
    assert counts(scores["types"]["Association"]) == (1, 1, 0)
    assert counts(scores["types"]["Bind"]) == (0, 0, 1)
    assert set(scores["types"]) == {
        "Association",
        "Bind",
        "Negative_Correlation",
        "Positive_Correlation",
    }


def test_a_relation_said_twice_counts_once():
    twice = document(relation("NCBIGene:1", "MESH:D1"), relation("MESH:D1", "NCBIGene:1"))
    scores = score_relations([twice], [document(relation("NCBIGene:1", "MESH:D1"))])
    assert counts(scores["pair"]) == (1, 0, 0)


def test_pairs_belong_to_their_document():
    one, none = document(relation("NCBIGene:1", "MESH:D1")), document(id="b")
    moved = [document(), document(relation("NCBIGene:1", "MESH:D1"), id="b")]
    assert counts(score_relations([one, none], moved)["pair"]) == (0, 1, 1)


def test_a_concept_without_mention_is_wrong_not_out_of_scope():
    predicted = document(relation("NCBIGene:99", "MESH:D1"))
    assert counts(score_relations([GOLD], [predicted])["pair"]) == (0, 1, 4)


def test_a_gold_without_mentions_leaves_nothing_out():
    gold = document(relation("NCBIGene:1", "MESH:D1"), mentions=())
    predicted = document(relation("NCBIGene:1", "MESH:D1"), relation("NCBIGene:2", "MESH:D2"))
    assert counts(score_relations([gold], [predicted])["pair"]) == (1, 1, 0)


def test_no_novelty_where_the_gold_has_none():
    gold = document(relation("MESH:D2", "MESH:D1", "CID"))
    scores = score_relations([gold], [document(relation("MESH:D2", "MESH:D1", "CID", True))])
    assert scores["novelty"] is None
    assert scores["type"]["f1"] == 1


def test_a_gold_without_relations_is_an_error():
    with pytest.raises(InputError, match="None of the 1 gold documents has a relation"):
        score_relations([document()], [document()])


def test_the_end_that_acts_counts_alone_and_with_the_type():
    gold = document(
        Relation("NCBIGene:1", "MESH:D1", "Association", subject="NCBIGene:1"),
        Relation("MESH:D2", "MESH:D1", "Bind", subject="MESH:D2"),
        Relation("NCBIGene:1", "NCBIGene:2", "Bind"),
    )
    predicted = document(
        Relation("D1", "1", "Association", subject="1"),  # right
        Relation("MESH:D2", "MESH:D1", "Association", subject="MESH:D2"),  # type wrong
        Relation("NCBIGene:1", "NCBIGene:2", "Bind", subject="NCBIGene:2"),  # neither acts
    )
    scores = score_relations([gold], [predicted])
    assert counts(scores["subject"]) == (2, 1, 1)
    assert counts(scores["direction"]) == (1, 2, 2)
    without = score_relations([document(Relation("NCBIGene:1", "MESH:D1", "Bind"))], [predicted])
    assert without["subject"] is None
    assert without["direction"] is None
