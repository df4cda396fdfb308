import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.errors import InputError
from biopipe.io import RowError
from biopipe.io.codecs.jsonl import read, write

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(texts=st.lists(TEXT, min_size=1, max_size=4), packed=st.booleans())
def test_writing_then_reading_gives_the_same_documents(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], packed: bool
) -> None:
    path = tmp_path_factory.mktemp("round") / ("a.jsonl.gz" if packed else "a.jsonl")
    documents = [
        Document(str(n), text, (Mention(0, len(text), "Gene"),)) for n, text in enumerate(texts)
    ]
    assert write(documents, path) == len(documents)
    assert list(read(path)) == documents


def test_the_same_documents_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        write([Document("1", "x")], tmp_path / name)
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def test_bad_lines_are_error_rows_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = [
        b'\xef\xbb\xbf{"id": 1, "text": "one"}\r',
        b'{"id": 2, "text": ',
        b"",
        b'{"id": 3, "text": "caf\xe9"}',
        b'{"id": 4, "text": "\\ud83d alone"}',
        b'{"id": 5, "text": null}',
        b"[" * 100_000,
        b'{"id": 7, "text": "\\u0000\\u202e seven"}',
    ]
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(lines))
    errors: list[RowError] = []
    documents = list(read(path, on_error=errors.append))
    assert [(d.id, d.text) for d in documents] == [("1", "one"), ("7", "\x00\u202e seven")]
    assert [(e.row, e.document_id, e.error) for e in errors] == [
        (1, "", "the line is not JSON: Expecting value at character 18"),
        (2, "", "the line is not valid UTF-8 at byte 22 (0xe9)"),
        (3, "4", "text has a lone surrogate (U+D83D) at character 0; repair its encoding"),
        (4, "5", "text is null"),
        (5, "", "the record is nested too deeply to be read"),
    ]


def test_without_a_listener_the_first_error_is_raised(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "text": null}\n')
    with pytest.raises(InputError, match=r"a\.jsonl, record 0 \(1\): text is null\."):
        list(read(path))


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.touch()
    with pytest.raises(InputError, match="the file is empty"):
        list(read(path))


def test_a_truncated_gzip_gives_what_is_before_the_break(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"id": n, "text": f"{n} {n * n}"}) + "\n" for n in range(20_000))
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(lines.encode(), mtime=0)[:-2000])
    errors: list[RowError] = []
    documents = list(read(path, on_error=errors.append))
    assert 10_000 < len(documents) < 20_000
    assert [(e.row, e.error[:13]) for e in errors] == [(len(documents), "the file ends")]


def test_bioc_documents_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        json.dumps({"id": "1", "passages": [{"offset": 0, "text": "x", "infons": {}}]}) + "\n"
    )
    assert [(d.id, d.text) for d in read(path)] == [("1", "x")]


def test_a_lone_surrogate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="The JSON record of document '1' has a lone surrogate"):
        write([Document("1", "\ud800")], tmp_path / "a.jsonl")
    assert list(tmp_path.iterdir()) == []
