import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from biopipe.components.alignment import align

NLP = spacy.blank("en")


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        ("in vitro", 3, 8, "vitro"),
        ("in vitro", 4, 5, "vitro"),
        ("in vitro", 1, 4, "in vitro"),
        ("in vitro", 2, 8, "vitro"),
        ("in vitro", 0, 3, "in"),
        ("in vitro", 2, 3, "in"),
        ("in vitro ", 8, 9, "vitro"),
        ("a  b", 1, 3, " "),
        (" a", 0, 1, " "),
        ("x 👩\u200d🔬", 2, 5, "👩\u200d🔬"),
    ],
)
def test_align(text: str, start: int, end: int, expected: str) -> None:
    assert align(NLP.make_doc(text), start, end).text == expected


@given(text=st.text("ab.- \n👩\u0301é", min_size=1, max_size=12), data=st.data())
def test_no_token_too_many(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    doc = NLP.make_doc(text)
    touched = [t.i for t in doc if t.idx < end and t.idx + len(t) > start]
    span = align(doc, start, end)
    assert list(range(span.start, span.end)) == touched or (not touched and len(span) == 1)
