from hypothesis import given
from hypothesis import strategies as st

from biopipe.io.offset_counts import count_that_fits

TEXT = st.lists(st.sampled_from(["a", "bc", "🧬", "\r\n", "\n", "é", " "]), max_size=20).map(
    "".join
)


@given(text=TEXT, place=st.integers(0, 20))
def test_utf_16_offsets_are_code_points_again(text: str, place: int) -> None:
    place = min(place, len(text))
    wide = len(text[:place].encode("utf-16-le")) // 2
    end = len(text.encode("utf-16-le")) // 2
    count = count_that_fits(text, [(wide, end, text[place:])])
    assert text[count.place(wide) : count.place(end)] == text[place:]


@given(text=TEXT, place=st.integers(0, 20))
def test_offsets_that_count_a_line_end_as_one_are_code_points_again(text: str, place: int) -> None:
    place = min(place, len(text))
    if text[place - 1 : place + 1] == "\r\n":
        place -= 1
    joined, end = (len(part.replace("\r\n", "\n")) for part in (text[:place], text))
    count = count_that_fits(text, [(joined, end, text[place:])])
    assert text[count.place(joined) : count.place(end)] == text[place:]


def test_code_points_win_where_nothing_says_otherwise() -> None:
    text = "🧬 x 🧬\r\n"
    assert count_that_fits(text, []).place(3) == 3
    assert count_that_fits(text, [(2, 3, "x")]).place(3) == 3
    assert count_that_fits(text, [(90, 93, "nowhere")]).place(3) == 3


def test_an_offset_that_the_text_has_not_is_none() -> None:
    count = count_that_fits("🧬 x", [(3, 4, "x")])
    assert [count.place(offset) for offset in (0, 1, 2, 3, 4, 5, -1)] == [0, 0, 1, 2, 3, -1, -1]
