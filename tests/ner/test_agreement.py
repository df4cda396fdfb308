import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.ner.agreement import apply_document_consistency, form_hashes


def agree(scores: np.ndarray, words: list[str], weight: float) -> np.ndarray:
    ends = np.cumsum([len(word) for word in words], dtype=np.int64)
    starts = ends - [len(word) for word in words]
    forms = form_hashes("".join(words).lower(), starts.astype(np.int64), ends)
    return apply_document_consistency(scores, forms, weight)


def _scores(*rows: list[float]) -> np.ndarray:
    return np.log(np.array(rows, dtype=np.float32))


def test_a_doubtful_occurrence_follows_the_plain_ones() -> None:
    scores = _scores([0.02, 0.98], [0.9, 0.1], [0.05, 0.95], [0.55, 0.45])
    agreed = agree(scores, ["Metformin", "lowers", "metformin", "METFORMIN"], 0.75)
    assert scores[3].argmax() == 0
    assert agreed[3].argmax() == 1
    assert (agreed[1] == scores[1]).all()


def test_a_word_that_is_sure_of_itself_stays() -> None:
    scores = _scores([0.001, 0.999], [0.999, 0.001])
    assert agree(scores, ["cat", "CAT"], 0.5).argmax(axis=1).tolist() == [1, 0]


@pytest.mark.parametrize("words", [["2", "2"], ["a", "a"], ["(", "("], ["one", "two"]])
def test_digits_signs_letters_and_single_words_stay(words: list[str]) -> None:
    scores = _scores([0.1, 0.9], [0.8, 0.2])
    assert (agree(scores, words, 0.9) == scores).all()


def test_without_weight_or_words_nothing_happens() -> None:
    scores = _scores([0.1, 0.9], [0.8, 0.2])
    assert agree(scores, ["p53", "p53"], 0.0) is scores
    assert agree(scores[:0], [], 0.5).shape == (0, 2)


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40))))
def test_hashes_are_equal_where_words_are(text: str, spans: list[tuple[int, int]]) -> None:
    text = text.encode("utf-8", "ignore").decode()
    spans = [(min(start, len(text)), min(max(start, end), len(text))) for start, end in spans]
    pairs = np.array(spans, dtype=np.int64).reshape(-1, 2)
    hashes = form_hashes(text, pairs[:, 0], pairs[:, 1]).tolist()
    words = [text[start:end] for start, end in spans]
    for word, number in zip(words, hashes, strict=True):
        assert (number < 0) == (len(word) < 2 or not any(map(str.isalpha, word)))
        same = {other for other, n in zip(words, hashes, strict=True) if n == number}
        assert number < 0 or same == {word}


@given(
    st.lists(
        st.tuples(st.sampled_from(["p53", "P53", "tnf", "1", "of"]), st.integers(0, 10_000)),
        max_size=12,
    ),
    st.floats(0.0, 1.0),
)
def test_rows_stay_distributions_and_their_order_does_not_count(
    words: list[tuple[str, int]], weight: float
) -> None:
    rows = np.array([np.random.default_rng(seed).dirichlet([0.3, 0.3, 0.3]) for _, seed in words])
    scores = np.log(rows.reshape(-1, 3) + 1e-6).astype(np.float32)
    scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True))
    names = [word for word, _ in words]
    agreed = agree(scores, names, weight)
    assert np.exp(agreed).sum(axis=1) == pytest.approx(np.ones(len(words)), abs=1e-4)
    backwards = agree(scores[::-1].copy(), names[::-1], weight)[::-1]
    assert backwards == pytest.approx(agreed, abs=1e-4)
