"""Numbered lines."""

from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.lines import numbered_lines, require_file


def test_lines_are_counted_and_bare(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffone\r\n\ntwo \u2028 still two\x0c\nend".encode())
    assert list(numbered_lines(path)) == [
        (1, "one"),
        (2, ""),
        (3, "two \u2028 still two\x0c"),
        (4, "end"),
    ]


def test_require_file(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="There is no file"):
        require_file(tmp_path)
