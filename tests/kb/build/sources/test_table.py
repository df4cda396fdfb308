"""Tables under headings that change with the release."""

from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.table import table_rows

COLUMNS = {"id": ("ID", "Old id"), "name": ("Name",), "note": ("Note",)}


def rows(path: Path, text: str) -> list[tuple[int, dict[str, str]]]:
    path.write_text(text)
    return list(table_rows(path, COLUMNS, required=("id", "name")))


def test_columns_by_any_of_their_headings_in_any_order(tmp_path: Path) -> None:
    assert rows(tmp_path / "t", "#name\tx\told ID\n\none\ty\t1\r\n") == [
        (3, {"id": "1", "name": "one"})
    ]
    assert rows(tmp_path / "t", '"ID"\tName\tNote\n1\tone\n2\ttwo\tn\n') == [
        (2, {"id": "1", "name": "one"}),
        (3, {"id": "2", "name": "two", "note": "n"}),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Name\tNote\none\tx\n",
            r"t, line 1, has no column 'ID'; the columns there are: Name, Note\.",
        ),
        ("", r"t, line 1, has no column 'ID'"),
        ("ID\tNote\tName\n1\tx\tone\n2\tx\n", r"t, line 3, has 2 columns where its header has 3"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(KnowledgeBaseError, match=message):
        rows(tmp_path / "t", text)
