"""Tables of concepts."""

import gzip
from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.tsv import read
from biopipe.kb.schema import Concept


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8"))
    return path


def test_every_column(tmp_path: Path) -> None:
    table = write(
        tmp_path / "t.tsv",
        "\ufeffID\tnote\tname\tsynonyms\ttypes\tdefinition\tparents\treplaced_by\r\n"
        'X:1\tn\tα-"name"\ta | b||\tGene|Disease\tsays; "so"\tX:0|X:9\t\r\n'
        "\r\n"
        "X:2\tn\told\t\t\t\t\tX:1\r\n",
    )
    assert list(read(table)) == [
        Concept("X:1", 'α-"name"', ("a", "b"), ("Gene", "Disease"), 'says; "so"', ("X:0", "X:9")),
        Concept("X:2", "old", replaced_by="X:1"),
    ]


def test_id_and_name_suffice_and_trailing_columns_may_be_absent(tmp_path: Path) -> None:
    table = write(tmp_path / "t.tsv", "id\tname\tsynonyms\nX:1\tone\nX:2\ttwo\tzwei")
    assert list(read(table)) == [Concept("X:1", "one"), Concept("X:2", "two", ("zwei",))]


def test_gzip(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv.gz"
    path.write_bytes(gzip.compress(b"id\tname\nX:1\tone\n", mtime=0))
    assert list(read(path)) == [Concept("X:1", "one")]


def test_a_missing_column_names_those_there(tmp_path: Path) -> None:
    table = write(tmp_path / "t.tsv", "id\tlabel\tsynonyms\nX:1\tone\t\n")
    with pytest.raises(KnowledgeBaseError, match=r"no column 'name'.*: id, label, synonyms\."):
        list(read(table))


@pytest.mark.parametrize(
    ("row", "what"), [("\tone", "no id"), ("X:2\t ", "no name"), ("X:2", "no name")]
)
def test_a_row_without_id_or_name_is_named(tmp_path: Path, row: str, what: str) -> None:
    table = write(tmp_path / "t.tsv", f"id\tname\nX:1\tone\n{row}\n")
    with pytest.raises(KnowledgeBaseError, match=f"line 3, has {what}"):
        list(read(table))


def test_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="no column 'id'"):
        list(read(write(tmp_path / "t.tsv", "")))


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_bytes(b"id\tname\nX:1\t\xff\n")
    with pytest.raises(KnowledgeBaseError, match=r"line 2, is not UTF-8 \(byte 4"):
        list(read(path))


def test_a_missing_or_broken_file(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="Cannot read"):
        list(read(tmp_path / "none.tsv"))
    broken = tmp_path / "t.tsv.gz"
    broken.write_bytes(gzip.compress(b"id\tname\nX:1\tone\n" * 99, mtime=0)[:-12])
    with pytest.raises(KnowledgeBaseError, match="Cannot read"):
        list(read(broken))
