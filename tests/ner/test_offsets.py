"""Offsets of mentions in text of any kind: what is marked is found, to the code point."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.ner.edges import trim_boundaries
from biopipe.ner.tagger import Tagger

PARTS = [
    *[
        "İ",
        "ß",
        "ﬁbrosis",
        "e\u0301",
        "α",
        "Σ",
        "µ",
        "½",
        "突然",
        "가",
        "😀",
        "👨\u200d👩\u200d👧",
        "❤\ufe0f",
        "x",
        "m",
    ],
    *[
        "\u200b",
        "\xad",
        "\ufeff",
        "\x00",
        "\ufffd",
        " ",
        "\xa0",
        "\n",
        "\r\n",
        "\t",
        "\u2028",
        "\v",
    ],
    *["-", "-\n", "'", "′", "‐", "/", "[", "]", ".", ",", "x " * 300, "x" * 120],
]
texts = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


@pytest.fixture(scope="module")
def tagger(marking_tagger: Path) -> Tagger:
    return Tagger(marking_tagger, threads=1)


@given(st.lists(st.tuples(texts, texts), max_size=5), texts)
def test_what_is_marked_is_found_to_the_code_point(
    tagger: Tagger, parts: list[tuple[str, str]], rest: str
) -> None:
    text, marked = "", []
    for before, inside in parts:
        text += before
        # A mention longer than half of a window may be split.
        inside = inside.replace("x " * 300, "x ")
        marked.append((len(text), len(text) + len(inside) + 2))
        text += f"({inside}) "
    (document,) = tagger.predict([Document("1", text + rest)])
    wanted = trim_boundaries(
        text + rest, [Mention(start, end, tagger.labels[0]) for start, end in marked]
    )
    assert [(m.start, m.end) for m in document.mentions] == [(m.start, m.end) for m in wanted]
    assert document.text == text + rest
