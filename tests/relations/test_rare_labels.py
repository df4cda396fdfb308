"""A label that the text has no word for gives way to the next likeliest."""

import numpy as np
import pytest

from biopipe.document import Document, Mention
from biopipe.relations.rare_labels import RareLabels
from biopipe.relations.reported import stated, with_worded_labels
from biopipe.relations.scores import ScoreTable
from biopipe.text.concepts import with_concepts

LABELS = ("Association", "Comparison", "Bind")
WORDS = {"Comparison": ("compare", "versus"), "Bind": ("bind",)}


def _document(text: str) -> Document:
    mentions = [
        Mention(start, start + 4, "Chemical", concept_ids=(text[start : start + 4],))
        for start in range(len(text))
        if text[start : start + 4] in ("DRUG", "OTHE")
    ]
    return with_concepts(Document("1", text, mentions=tuple(mentions)))


@pytest.mark.parametrize(
    ("text", "label", "may_be"),
    [
        ("DRUG was compared with OTHE.", "Comparison", True),
        ("DRUG versus OTHE", "Comparison", True),
        ("DRUG and OTHE were given.", "Comparison", False),
        ("DRUG binds OTHE.", "Comparison", False),
        ("DRUG binds OTHE.", "Bind", True),
        ("DRUG and OTHE were given.", "Association", True),
        # The word is of another sentence.
        ("DRUG and OTHE were given. We compared the mice.", "Comparison", False),
        ("DRUG was given. It was compared with OTHE.", "Comparison", False),
    ],
)
def test_a_sentence_with_both_has_a_word_of_the_label(text: str, label: str, may_be: bool) -> None:
    document = _document(text)
    head, tail = document.concepts or ()
    assert RareLabels(document, WORDS).may_be(label, head, tail) is may_be


def _table(documents: list[int], shares: list[list[float]]) -> ScoreTable:
    size, label_shares = len(documents), np.array(shares)
    heads, tails = np.zeros(size, dtype=np.int64), np.ones(size, dtype=np.int64)
    labels, scores = label_shares.argmax(axis=1), np.full(size, 0.6)
    numbers = np.array(documents, dtype=np.int64)
    best = label_shares.max(axis=1)
    return ScoreTable(numbers, heads, tails, labels, scores, best, label_shares, None)


def test_pairs_get_the_likeliest_label_that_has_a_word() -> None:
    documents = [_document("DRUG and OTHE were given."), _document("DRUG versus OTHE.")]
    shares = [[0.1, 0.6, 0.3], [0.1, 0.6, 0.3]]
    table = with_worded_labels(documents, _table([0, 1], shares), LABELS, WORDS)
    assert [LABELS[label] for label in table.labels] == ["Association", "Comparison"]
    assert table.shares.tolist() == [0.1, 0.6]
    assert table.scores.tolist() == [0.6, 0.6]


def test_a_model_without_such_labels_and_a_table_without_pairs_stay_as_they_are() -> None:
    documents = [_document("DRUG and OTHE were given.")]
    table = _table([0], [[0.1, 0.6, 0.3]])
    assert with_worded_labels(documents, table, LABELS, {}) is table
    none = table.rows(np.zeros(1, dtype=np.bool_))
    assert with_worded_labels(documents, none, LABELS, WORDS) is none


CHEMICALS = frozenset({frozenset({"Chemical"})})


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("DRUG and OTHE increase the risk of bleeding.", False),
        ("He was treated with DRUG/OTHE.", False),
        ("DRUG and OTHE were given. Then DRUG or OTHE was stopped.", False),
        ("DRUG and OTHE were given. DRUG blocked OTHE.", True),
        ("DRUG blocked OTHE.", True),
        # Nothing lists what no sentence names together.
        ("DRUG was given. OTHE fell.", True),
    ],
)
def test_what_is_only_listed_side_by_side_has_no_such_label(text: str, kept: bool) -> None:
    document, table = _document(text), _table([0], [[0.6, 0.1, 0.3]])
    unlisted = {"Association": CHEMICALS}
    assert len(stated(document, table, LABELS, unlisted, nil_ends=True).heads) == kept
    # Another label, or another pair of entity labels, stays.
    others = {"Bind": CHEMICALS, "Association": frozenset({frozenset({"Chemical", "Gene"})})}
    assert len(stated(document, table, LABELS, others, nil_ends=True).heads) == 1
