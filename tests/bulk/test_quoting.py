import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.bulk.quoting import without_quotes_of

NOTE = "Name: John Smith\nMRN 0042\nHas chest pain since Tuesday."


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("'Smith'", "'[text]'"),
        ('could not parse "John Smith\\nMRN 0042"', 'could not parse "[text]"'),
        ("bad row: Has chest pain since Tue", "bad row: [text]"),
        ("shape (3, 4) is not (4, 3)", "shape (3, 4) is not (4, 3)"),
        ("unknown option 'threshold'", "unknown option 'threshold'"),
        ("", ""),
    ],
)
def test_a_message_loses_what_it_quotes(message: str, kept: str) -> None:
    assert without_quotes_of(NOTE, message) == kept


@given(st.text(min_size=12), st.text(), st.text())
def test_no_long_run_of_the_text_is_left(text: str, before: str, after: str) -> None:
    kept = without_quotes_of(text, before + text + after)
    assert text[:1900] not in kept or text in "[text]" * 400
