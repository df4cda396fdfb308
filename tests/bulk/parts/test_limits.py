import json
from pathlib import Path

import pytest

from biopipe.bulk.parts.limits import DocumentLengths, time_limit
from biopipe.io.fragments import list_fragments
from biopipe.io.input_columns import InputColumns


@pytest.mark.parametrize(
    ("characters", "seconds"),
    [(0, 60), (100_000, 60), (250_000, 150), (2_000_000, 1200), (None, 600)],
)
def test_a_long_text_has_more_time_and_a_batch_ten_times_as_much(
    characters: int | None, seconds: float
) -> None:
    assert time_limit(60, characters) == seconds


def test_lengths_are_found_by_row(write_input) -> None:
    path = write_input("a", ["", "a", None, "abc", "abcd", "abcde"], row_group_size=4)
    first, second = list_fragments([str(path)])
    lengths = DocumentLengths(first, InputColumns())
    assert [lengths.of(row) for row in (1, 3)] == [1, 3]
    assert (first.first_row, second.first_row) == (0, 4)
    assert [DocumentLengths(second, InputColumns()).of(row) for row in (5, 4)] == [5, 4]


def test_what_cannot_be_read_has_no_length(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"id": "1", "text": "abc"}) + "\n{")
    (fragment,) = list_fragments([str(path)])
    path.unlink()
    assert DocumentLengths(fragment, InputColumns()).of(0) == 0
