import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document.unicode import check_text
from biopipe.errors import InputError


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_valid_text_comes_back_as_it_is(text: str) -> None:
    assert check_text(text) is text


@pytest.mark.parametrize(
    ("text", "place"),
    [("ab\udfff", r"\(U\+DFFF\) at character 2"), ("\ud83d\ude00", r"\(U\+D83D\) at character 0")],
)
def test_a_lone_surrogate_is_named_with_its_place(text: str, place: str) -> None:
    with pytest.raises(InputError, match=rf"The title has a lone surrogate {place}; repair"):
        check_text(text, "The title")
