import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from biopipe.errors import InputError
from biopipe.io import RowError
from biopipe.io.codecs.json_records import read


def saved(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "a.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        {"1": {"title": "A.", "abstract": "b"}, "2": {"text": "c"}},
        [{"id": 1, "text": "A. b"}, {"id": "2", "text": "c"}],
        {
            "documents": [
                {"id": "1", "passages": [{"offset": 0, "text": "A. b"}]},
                {"id": "2", "text": "c"},
            ]
        },
        gzip.compress(b'[{"id": 1, "text": "A. b"}, {"id": 2, "text": "c"}]', mtime=0),
        b'\xef\xbb\xbf[{"id": 1, "text": "A. b"}, {"id": 2, "text": "c"}]',
    ],
    ids=["by id", "list", "BioC", "gzip", "BOM"],
)
def test_shapes(tmp_path: Path, content: Any) -> None:
    assert [(d.id, d.text) for d in read(saved(tmp_path, content))] == [("1", "A. b"), ("2", "c")]


def test_one_record(tmp_path: Path) -> None:
    assert [d.text for d in read(saved(tmp_path, {"id": 1, "text": "x", "meta": {"a": "b"}}))] == [
        "x"
    ]


def test_bad_records_are_error_rows(tmp_path: Path) -> None:
    errors: list[RowError] = []
    path = saved(tmp_path, {"1": {"text": None}, "2": 7, "3": {"text": "x"}})
    assert [d.id for d in read(path, on_error=errors.append)] == ["3"]
    assert [(e.row, e.document_id, e.error) for e in errors] == [
        (0, "1", "text is null"),
        (1, "2", "the record is a number, not an object"),
    ]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "the file is empty"),
        (b"  \n", "the file is empty"),
        (b'{"a": ', "the file is not JSON: Expecting value at line 1, column 7"),
        (b'"text"', "neither a list of records nor an object"),
        (b"[]", "the file holds no record"),
        (b'["\xff"]', "the file is not valid UTF-8 at byte 2"),
        (b"[" * 100_000, "nested too deeply"),
        (gzip.compress(b"[" + b"1," * 10_000 + b"1]", mtime=0)[:-12], "truncated"),
    ],
)
def test_an_unreadable_file_is_one_error(tmp_path: Path, content: bytes, error: str) -> None:
    with pytest.raises(InputError, match=error):
        list(read(saved(tmp_path, content)))
    errors: list[RowError] = []
    assert list(read(saved(tmp_path, content), on_error=errors.append)) == []
    assert len(errors) == 1
