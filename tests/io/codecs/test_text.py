import codecs
import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io import RowError, list_fragments, read_fragment
from biopipe.io.codecs import text
from biopipe.io.encodings import decode_plain_text

NOTE = (
    "PMH: M\u00e9ni\u00e8re\u2019s disease\r\nTemp 38.2 \u00b0C, fentanyl 50 \u00b5g\r\n\fPage 2\n"
)


def test_one_file_is_one_document_with_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "visit.2024.txt"
    path.write_bytes(NOTE.encode())
    assert list(text.read(path)) == [Document("visit.2024", NOTE)]


@pytest.mark.parametrize("name", ["a.txt", "a.TXT", "a.text", "a.txt.gz", "a"])
def test_the_ending_is_no_part_of_the_id(tmp_path: Path, name: str) -> None:
    raw = b"Well."
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    assert [document.id for document in text.read(tmp_path / name)] == ["a"]


@pytest.mark.parametrize(
    ("encoding", "mark", "named"),
    [
        ("utf-8", codecs.BOM_UTF8, ""),
        ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16"),
        ("utf-32-le", codecs.BOM_UTF32_LE, "utf-32"),
        ("cp1252", b"", "cp1252"),
        ("mac_roman", b"", "mac_roman"),
    ],
)
def test_encodings_are_told_by_a_mark_or_by_the_bytes(
    tmp_path: Path, encoding: str, mark: bytes, named: str
) -> None:
    (tmp_path / "a.txt").write_bytes(mark + NOTE.encode(encoding))
    meta = {"encoding": named} if named else {}
    assert list(text.read(tmp_path / "a.txt")) == [Document("a", NOTE, meta=meta)]


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"Smith\0 has pain", "the file holds control characters and is no plain text"),
        (
            "\u60a3\u8005\u306f\u982d\u75db".encode("shift_jis") * 9,
            "the encoding of the text cannot be told; write the file as UTF-8",
        ),
        (
            codecs.BOM_UTF16_LE + b"abc",
            "the encoding of the text cannot be told; write the file as UTF-8",
        ),
    ],
)
def test_what_is_no_text_is_an_error_without_a_word_of_it(
    tmp_path: Path, raw: bytes, error: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(raw)
    errors: list[RowError] = []
    assert list(text.read(path, on_error=errors.append)) == []
    assert errors == [RowError(str(path), 0, "a", error)]
    with pytest.raises(InputError):
        list(text.read(path))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_utf_8_comes_back_as_it_was(note: str) -> None:
    note = note.removeprefix("\ufeff")
    assert decode_plain_text(note.encode()) == (note, "utf-8")


def test_a_name_that_is_no_unicode(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"a\xff.txt")
    path.write_text("Well.")
    assert [document.id for document in text.read(path)] == ["a\\udcff"]


def test_a_folder_of_notes(tmp_path: Path) -> None:
    (tmp_path / "ward").mkdir()
    for name in ("b.txt", "a.txt", "ward/c.text", "ward/notes.docx"):
        (tmp_path / name).write_text("Well.")
    fragments = list_fragments([str(tmp_path)])
    assert [(f.path.name, f.format) for f in fragments] == [
        ("a.txt", "text"), ("b.txt", "text"), ("c.text", "text")
    ]  # fmt: skip
    assert [d.id for f in fragments for d in read_fragment(f)] == ["a", "b", "c"]
