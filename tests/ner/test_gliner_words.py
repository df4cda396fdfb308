from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.errors import ModelError
from biopipe.ner.gliner_words import Words, fitted, overlap_of, split_words, word_windows


def words_of(sizes: list[int]) -> Words:
    """Words of these numbers of pieces, each of its own kind."""
    offsets = np.array([(2 * i, 2 * i + 1) for i in range(len(sizes))], dtype=np.int64).reshape(
        -1, 2
    )
    starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)
    return Words(offsets, np.repeat(np.arange(len(sizes)), sizes), starts)


def test_words_are_those_of_gliner() -> None:
    text = "IL-2 (p_53): α-β--γ, 5'-AMP e\u0301 \U0001f469\u200d."
    assert [text[a:b] for a, b in split_words(text)] == [
        "IL-2",
        "(",
        "p_53",
        ")",
        ":",
        "α-β",
        "-",
        "-",
        "γ",
        ",",
        "5",
        "'",
        "-",
        "AMP",
        "e",
        "\u0301",
        "\U0001f469",
        "\u200d",
        ".",
    ]


@given(text=st.text(st.characters(blacklist_categories=["Cs"]), max_size=80))
def test_words_leave_only_spaces_out(text: str) -> None:
    spans = split_words(text)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert "".join(text[a:b] for a, b in spans) == "".join(text.split())


@given(
    sizes=st.lists(st.integers(0, 30), max_size=200),
    room=st.integers(30, 120),
    most_words=st.integers(13, 60),
    width=st.integers(1, 3),
)
def test_each_span_is_whole_in_the_window_that_owns_it(
    sizes: list[int], room: int, most_words: int, width: int
) -> None:
    words = fitted(words_of(sizes), room=room, width=width)
    windows = word_windows(7, words, most_words=most_words, room=room, width=width)
    assert all(w.end - w.start <= most_words and w.text == 7 for w in windows)
    assert all(words.starts[w.end] - words.starts[w.start] <= room for w in windows)
    owned = [first for w in windows for first in range(w.own_start, w.own_end)]
    assert owned == list(range(len(sizes)))
    for w in windows:
        assert w.start <= w.own_start
        assert all(
            min(first + width, len(sizes)) <= w.end for first in range(w.own_start, w.own_end)
        )


@given(sizes=st.lists(st.integers(0, 40), max_size=60), room=st.integers(30, 120))
def test_words_keep_their_first_pieces(sizes: list[int], room: int) -> None:
    words = words_of(sizes)
    fit = fitted(words, room=room, width=2)
    assert len(fit) == len(words)
    for number, size in enumerate(sizes):
        kept = fit.ids[fit.starts[number] : fit.starts[number + 1]]
        assert kept.tolist() == [number] * len(kept)
        assert min(size, 1) <= len(kept) <= size
    if sum(sizes) <= room:
        assert fit is words


def test_windows_too_short_for_the_spans() -> None:
    words = words_of([1] * 100)
    with pytest.raises(ModelError, match="Windows of 48 words are too short for spans of 12 words"):
        word_windows(0, words, most_words=overlap_of(12), room=500, width=12)
    with pytest.raises(
        ModelError, match="leaves room for 40 pieces of text and spans of 12 words need 49"
    ):
        fitted(words, room=40, width=12)
