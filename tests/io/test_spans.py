"""Copies of mentions in annotation files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.io.spans import aligned_span, check_mention


@pytest.mark.parametrize(
    ("there", "copy"),
    [
        ("IFN‑γ", "IFN-g"),
        ("IFN‑γ", "IFN-gamma"),
        ("IFN‐γ", "ifn-γ"),
        ("IL‐1ß", "IL-1b"),
        ("IL-1β", "IL-1ß"),
        ("IL-1β", "IL-1 β".replace(" ", "")),
        ("NF–κB", "NF-kB"),
        ("ΔF508", "dF508"),
        ("5 μg", "5 ug"),
        ("5 µg", "5 μg"),
        ("Crohn’s", "Crohn's"),
        ("a  b", "a b"),
        ("ﬁbrosis", "fibrosis"),
        ("Aspirin", "aspirin"),
    ],
)
def test_copies_that_are_the_same_text(there: str, copy: str) -> None:
    check_mention(f"The {there} here", 4, 4 + len(there), copy)
    check_mention(f"The {copy} here", 4, 4 + len(copy), there)


@pytest.mark.parametrize(
    ("there", "copy"), [("TNF-α", "TNF-b"), ("TNF-α", "TNF-β"), ("IL-1", "IL1"), ("aspirin", "")]
)
def test_copies_that_are_not(there: str, copy: str) -> None:
    with pytest.raises(ValueError, match="is not the text at"):
        check_mention(there, 0, len(there), copy)


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (2, 1), (0, 99)])
def test_places_outside_the_text(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="is not the text at"):
        check_mention("abc", start, end, "abc"[max(start, 0) : end])


@given(st.text(min_size=1, max_size=20))
def test_a_text_is_its_own_copy(text: str) -> None:
    check_mention(text, 0, len(text), text)


@pytest.mark.parametrize(
    ("text", "start", "copy", "found"),
    [
        (
            "A  non-small cell lung cancer.",
            2,
            "non-small cell lung cancer",
            "non-small cell lung cancer",
        ),
        ("In non‑small   cell lung cancer.", 1, "non-small cell lung", "non‑small   cell lung"),
        ("One two. BRCA1\nmutations here", 3, "BRCA1 mutations", "BRCA1\nmutations"),
        ("gout gout gout", 9, "gout", "gout"),
    ],
)
def test_a_copy_with_other_white_space_or_dashes_is_aligned(
    text: str, start: int, copy: str, found: str
) -> None:
    span = aligned_span(text, start, copy)
    assert span is not None
    assert text[slice(*span)] == found


@pytest.mark.parametrize(
    ("text", "start", "copy"),
    [
        ("aspirin", 0, "ibuprofen"),
        ("an aspirin", 0, "a"),
        ("aspirins here", 3, "aspirin"),
        ("x" * 1000 + " gout", 0, "gout"),
        ("a b", 0, ""),
        ("gout", -1, "gout"),
    ],
)
def test_other_words_and_far_ones_are_not_aligned(text: str, start: int, copy: str) -> None:
    assert aligned_span(text, start, copy) is None


def test_of_several_places_the_nearest_is_meant() -> None:
    assert aligned_span("gout gout gout", 11, "gout") == (10, 14)
    assert aligned_span("gout gout gout", 4, "gout") == (5, 9)


def test_errors_carry_no_words_of_the_text() -> None:
    with pytest.raises(ValueError, match="is not the text at 0:6") as error:
        check_mention("secret words", 0, 6, "other one")
    assert "secret" not in str(error.value)
    assert "other" not in str(error.value)
