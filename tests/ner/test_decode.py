import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.errors import ModelError
from biopipe.ner.decode import decode, decode_texts, presence, word_scores
from biopipe.ner.labels import TagSet, bio_tags

TAGS = TagSet.from_tags(bio_tags(["A", "B"]))


def _log(rows: list[list[float]]) -> np.ndarray:
    logits = np.array(rows, dtype=np.float32)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def _best_by_brute_force(scores: np.ndarray) -> float:
    columns = range(scores.shape[1])
    best = -np.inf
    for path in itertools.product(columns, repeat=len(scores)):
        valid = all(t <= 2 or (i > 0 and path[i - 1] in (t, t - 2)) for i, t in enumerate(path))
        if valid:
            best = max(best, sum(float(scores[i, t]) for i, t in enumerate(path)))
    return best


@settings(max_examples=80)
@given(st.lists(st.lists(st.floats(-4, 4), min_size=5, max_size=5), min_size=1, max_size=5))
def test_the_path_is_valid_and_the_best_one(rows: list[list[float]]) -> None:
    scores = _log(rows)
    spans = decode(scores)
    path = np.zeros(len(rows), dtype=int)
    for span in spans:
        path[span.first] = 1 + span.label
        path[span.first + 1 : span.last + 1] = 3 + span.label
    assert scores[np.arange(len(rows)), path].sum() == pytest.approx(
        _best_by_brute_force(scores), abs=1e-4
    )


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.lists(st.floats(-4, 4), min_size=5, max_size=5), max_size=6), max_size=5)
)
def test_texts_of_a_batch_are_decoded_as_each_alone(texts: list[list[list[float]]]) -> None:
    alone = [decode(_log(rows)) if rows else [] for rows in texts]
    edges = np.cumsum([0, *map(len, texts)])
    rows = [row for text in texts for row in text]
    scores = _log(rows) if rows else np.zeros((0, 5), dtype=np.float32)
    table = decode_texts(scores, edges)
    expected = [
        (edge + span.first, edge + span.last, span.label)
        for edge, spans in zip(edges.tolist(), alone, strict=False)
        for span in spans
    ]
    spans = zip(table.first.tolist(), table.last.tolist(), table.label.tolist(), strict=True)
    assert list(spans) == expected
    assert table.log_score.tolist() == pytest.approx([s.log_score for t in alone for s in t])


def test_adjacent_mentions_stay_two() -> None:
    rows = [[0, 9, 0, 0, 0], [0, 9, 0, 0, 0], [0, 0, 0, 9, 0], [0, 0, 9, 0, 0]]
    found = [(s.first, s.last, s.label) for s in decode(_log(rows))]
    assert found == [(0, 0, 0), (1, 2, 0), (3, 3, 1)]


def test_a_word_is_scored_over_all_its_pieces() -> None:
    pieces = _log([[0, 3, 0, 0, 0], [0, 0, 0, 3, 0], [3, 0, 0, 0, 0]])  # B-A ##I-A | O
    scores = word_scores(pieces[:, [0, 1, 3, 2, 4]], np.array([0, 2]), TAGS)
    assert scores.shape == (2, 5)
    np.testing.assert_allclose(np.exp(scores).sum(-1), 1, atol=1e-5)
    assert scores.argmax(-1).tolist() == [1, 0]


def test_nothing_in_nothing_out() -> None:
    assert (
        decode(word_scores(np.zeros((0, 5), dtype=np.float32), np.array([], dtype=np.int64), TAGS))
        == []
    )


def test_tags_in_any_order() -> None:
    tags = TagSet.from_tags(["I-Gene", "B-Gene", "O"])
    assert (tags.outside, tags.begin.tolist(), tags.inside.tolist()) == (2, [1], [0])


@pytest.mark.parametrize(
    "tags", [["O", "B-Gene"], ["B-Gene", "I-Gene"], ["O", "X-Gene"], ["O", "B"]]
)
def test_tags_that_are_not_bio_are_refused(tags: list[str]) -> None:
    with pytest.raises(ModelError, match="tag"):
        TagSet.from_tags(tags)


def test_presence_is_that_of_the_label_wherever_its_mention_begins() -> None:
    # "resistant depression": the second word is of A for certain, the first hardly.
    rows = np.log(np.array([[0.7, 0.3, 1e-9, 1e-9, 1e-9], [0.02, 0.5, 1e-9, 0.48, 1e-9]]))
    scores = rows.astype(np.float32)
    table = decode_texts(scores, np.array([0, 2]))
    assert (table.first.tolist(), table.last.tolist()) == ([1], [1])
    assert np.exp(table.log_score).tolist() == pytest.approx([0.5])
    assert presence(scores, table).tolist() == pytest.approx([0.98])


@given(st.lists(st.lists(st.floats(-4, 4), min_size=5, max_size=5), max_size=6))
def test_presence_is_at_least_the_least_word_of_the_span(rows: list[list[float]]) -> None:
    scores = _log(rows).astype(np.float32) if rows else np.zeros((0, 5), dtype=np.float32)
    table = decode_texts(scores, np.array([0, len(rows)]))
    there = presence(scores, table)
    assert there.shape == table.first.shape
    for first, last, label, sure in zip(*map(list, table[:3]), there, strict=True):
        tags = [1 + label] + [3 + label] * (last - first)
        least = min(scores[first + i, tag] for i, tag in enumerate(tags))
        assert sure >= np.exp(least) - 1e-6
