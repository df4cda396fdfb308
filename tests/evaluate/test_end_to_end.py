import pytest

from biopipe.document import Document, Mention
from biopipe.evaluate.end_to_end import score_end_to_end

TEXT = "x" * 60


def document(*mentions):
    return Document(
        "a",
        TEXT,
        mentions=tuple(Mention(s, e, label, concept_ids=ids) for s, e, label, ids in mentions),
    )


GOLD = document(
    (0, 4, "Disease", ("MESH:D1",)),
    (5, 9, "Disease", ("MESH:D2", "MESH:D3")),
    (10, 14, "Disease", ()),
    (20, 24, "Chemical", ("MESH:D4",)),
)


def test_hand_counted():
    predicted = document(
        (0, 4, "Disease", ("D1",)),  # right, without prefix
        (5, 9, "Disease", ("MESH:D3",)),  # one of two: lenient only
        (10, 14, "Disease", ()),  # NIL on both sides
        (20, 25, "Chemical", ("MESH:D4",)),  # wrong span
        (30, 33, "Gene", ("NCBIGene:1",)),  # not annotated in the gold
    )
    scores = score_end_to_end([GOLD], [predicted])
    strict, lenient = scores["strict"], scores["lenient"]
    assert (strict["tp"], strict["fp"], strict["fn"]) == (2, 2, 2)
    assert (lenient["tp"], lenient["fp"], lenient["fn"]) == (3, 1, 1)
    assert scores["types"]["Disease"]["f1"] == pytest.approx(2 / 3)
    assert scores["types"]["Chemical"]["f1"] == 0


def test_linking_what_has_no_concept_is_wrong_even_leniently():
    predicted = document((10, 14, "Disease", ("MESH:D9",)))
    assert score_end_to_end([GOLD], [predicted])["lenient"]["tp"] == 0


def test_the_gold_itself_is_perfect():
    scores = score_end_to_end([GOLD], [GOLD])
    assert scores["strict"]["f1"] == scores["lenient"]["f1"] == 1
    assert scores["strict"]["ci95"] == [1, 1]
