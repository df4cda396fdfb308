"""Tables of concepts as CSV."""

from pathlib import Path

import pytest

from biopipe.cli.kb_sources import detect_format
from biopipe.errors import ConfigError, KnowledgeBaseError
from biopipe.kb.build.sources import csv_table, tsv
from biopipe.kb.schema import Concept

TEXT = (
    'id,name,synonyms,types,xrefs\nX:1,"Diabetes, type 2",T2D|T2DM,Disease,MESH:D003924\n\nX:2,b\n'
)


@pytest.mark.parametrize("text", [TEXT, TEXT.replace(",", ";").replace("Diabetes;", "Diabetes,")])
def test_rows(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text)
    assert list(csv_table.read(path)) == [
        Concept(
            "X:1",
            "Diabetes, type 2",
            ("T2D", "T2DM"),
            ("Disease",),
            xrefs=("MESH:D003924",),
        ),
        Concept("X:2", "b"),
    ]


def test_a_comma_file_in_the_place_of_a_tab_file_and_the_reverse(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text(TEXT)
    with pytest.raises(KnowledgeBaseError, match="has commas between its columns, not tabs; give"):
        list(tsv.read(path))
    path.write_text("id\tname\nX:1\tone\n")
    with pytest.raises(KnowledgeBaseError, match="has tabs between its columns, not commas; give"):
        list(csv_table.read(path))


def test_a_row_without_a_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("id,name\nX:1,\n")
    with pytest.raises(KnowledgeBaseError, match="line 2, has no name"):
        list(csv_table.read(path))


@pytest.mark.parametrize(
    ("name", "text", "format"),
    [
        ("a.csv", "id,name\n", "csv"),
        ("a.csv", "id\tname\n", "tsv"),
        ("a.txt", "id;name\n", "csv"),
        ("a.obo", "", "obo"),
        ("a.json", "", "obograph"),
        ("a.jsonl", "", "jsonl"),
    ],
)
def test_the_first_line_tells_the_format(name: str, text: str, format: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert detect_format(tmp_path / name) == format


def test_a_file_that_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("asthma\n")
    with pytest.raises(ConfigError, match="cannot be told from its first line"):
        detect_format(tmp_path / "a.txt")
