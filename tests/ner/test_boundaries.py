"""Mentions at every place around the boundaries of windows: none lost, none cut in two, none
doubled.
"""

from pathlib import Path

import pytest

from biopipe.document import Document
from biopipe.ner.tagger import Tagger

TOKENS = 1400
# A word of many tokens, as chemical names are, and as many words.
JOINED, SPACED = "joined", "spaced"


def planted(
    places: list[int], length: int, kind: str, *, sentence: int
) -> tuple[str, list[tuple[int, int]]]:
    """A text of about TOKENS words, sentences of so many, and a mention of `length` tokens at each
    of the places.
    """
    space = " " if kind == SPACED else ""
    mention = (
        space.join(["(", *["m"] * (length - 2), ")"])
        if kind == SPACED
        else f"({'-m' * (length // 2 - 1)})"
    )
    text, spans, tokens = "", [], 0
    for place in [*places, TOKENS]:
        while tokens < place:
            tokens += 1
            text += ". " if tokens % sentence == 0 else "x "
        if place < TOKENS:
            spans.append((len(text), len(text) + len(mention)))
            text += mention + " "
            tokens += length
    return text, spans


@pytest.fixture(scope="module")
def tagger(marking_tagger: Path) -> Tagger:
    return Tagger(marking_tagger, threads=1)


def boundaries(tagger: Tagger, text: str) -> list[int]:
    """The first token that each window but the first owns."""
    return [w.own_start for w in tagger.encoder.windows(tagger.encoder.tokenize([text]))[1:]]


def found(tagger: Tagger, texts: list[str]) -> list[list[tuple[int, int]]]:
    documents = tagger.predict([Document(str(number), text) for number, text in enumerate(texts)])
    return [[(m.start, m.end) for m in document.mentions] for document in documents]


@pytest.mark.parametrize("sentence", [30, 10**6])
@pytest.mark.parametrize(
    ("length", "kind"), [(2, JOINED), (5, SPACED), (30, SPACED), (100, JOINED), (220, JOINED)]
)
def test_a_mention_at_every_place_around_every_boundary_is_found_once(
    tagger: Tagger, length: int, kind: str, sentence: int
) -> None:
    plain, _ = planted([], length, kind, sentence=sentence)
    places = boundaries(tagger, plain)
    assert len(places) >= 2
    cases = [
        planted([place + offset], length, kind, sentence=sentence)
        for place in places
        for offset in range(-20, 21)
    ]
    assert found(tagger, [text for text, _ in cases]) == [spans for _, spans in cases]


def test_mentions_of_many_words_are_whole_where_sentences_end(tagger: Tagger) -> None:
    cases = [planted([place], 150, SPACED, sentence=30) for place in range(0, 900, 7)]
    assert found(tagger, [text for text, _ in cases]) == [spans for _, spans in cases]


def test_boundaries_lie_between_words_and_better_between_sentences(tagger: Tagger) -> None:
    spaced, _ = planted([], 0, SPACED, sentence=10**6)
    assert boundaries(tagger, spaced)[0] == 478
    sentences, _ = planted([], 0, SPACED, sentence=30)
    assert all(place % 30 == 0 for place in boundaries(tagger, sentences))
    assert boundaries(tagger, "x " * 400 + "x-" * 90 + " x" * 300)[0] == 400


def test_text_without_spaces_is_still_read_to_its_end(tagger: Tagger) -> None:
    text = "x-" * 900 + "(m)" + "x-" * 100
    assert found(tagger, [text]) == [[(1800, 1803)]]
