import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io import RowError, read
from biopipe.io.codecs import delimited
from biopipe.io.input_columns import InputColumns


def table(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def test_rows_become_documents(tmp_path: Path) -> None:
    path = table(
        tmp_path / "notes.csv",
        'id,date,ward,text\r\n7,2024-03-02,A,"PMH: ""asthma"",\r\nHTN"\r\n\r\n8,,B,Well.\r\n',
    )
    assert list(read(path)) == [
        Document("7", 'PMH: "asthma",\r\nHTN', meta={"date": "2024-03-02"}),
        Document("8", "Well."),
    ]


def test_tabs_gzip_other_columns_and_encodings(tmp_path: Path) -> None:
    path = tmp_path / "notes.tsv.gz"
    path.write_bytes(gzip.compress("note_id\tnote_text\n1\tM\u00e9ni\u00e8re\n".encode("cp1252")))
    documents = list(read(path, text_column="note_text", id_column="note_id"))
    assert documents == [Document("1", "M\u00e9ni\u00e8re")]
    path = table(tmp_path / "b.csv", "id,text\n1,x\n", "utf-8-sig")
    assert list(read(path)) == [Document("1", "x")]


def test_a_row_of_another_length_is_an_error_and_the_rest_is_read(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "id,text\n1,Smith, pain\n2,Well.\n3\n")
    errors: list[RowError] = []
    assert [d.id for d in delimited.read(path, on_error=errors.append)] == ["2"]
    assert errors == [
        RowError(str(path), 0, "", "the row has 3 cells and the first row 2"),
        RowError(str(path), 2, "", "the row has 1 cells and the first row 2"),
    ]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", "the file is empty"),
        ("id,text\n", "the file has no row below its header"),
        ('id,text\n1,"Smith has', "a cell's quotes are not closed, or it is too long"),
        ("id,text\n1,\0", "the file holds control characters and is no table"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(tmp_path: Path, content: str, error: str) -> None:
    path = table(tmp_path / "a.csv", content)
    errors: list[RowError] = []
    assert list(delimited.read(path, on_error=errors.append)) == []
    assert [e.error for e in errors] == [error]


def test_a_table_without_a_header_is_refused_without_a_word_of_it(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "1,Mr John Smith: born 3 May 1950; has pain\n")
    with pytest.raises(InputError, match="does not name its columns") as error:
        list(delimited.read(path))
    assert "Smith" not in str(error.value)
    path = table(tmp_path / "b.csv", "note,words\n1,x\n")
    with pytest.raises(
        InputError, match="has no column 'text' for the text; its columns are: note"
    ):
        list(delimited.read(path))


def test_a_first_row_of_words_is_not_quoted_where_a_column_is_missing(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "John Smith,has asthma\nJane Smith,has gout\n")
    columns = InputColumns(text="note_text")
    with pytest.raises(InputError, match="no column 'note_text' for the text; give") as error:
        list(delimited.read(path, columns=columns))
    assert "Smith" not in str(error.value)


def test_a_line_of_any_length_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"id,text\n1,x\n2,")
        for _ in range(20):
            file.write(b"ab," * 333_334)
        file.write(b"\n3,y\n")
    errors: list[RowError] = []
    assert [d.id for d in delimited.read(path, on_error=errors.append)] == ["1"]
    assert [(e.row, e.error) for e in errors] == [
        (1, "a line is longer than 16,777,216 characters")
    ]


def test_lines_end_as_tables_of_any_system_do(tmp_path: Path) -> None:
    for end in ("\n", "\r\n", "\r"):
        path = table(tmp_path / "a.csv", end.join(["id,text", "1,x", "2,y", ""]))
        assert [(d.id, d.text) for d in read(path)] == [("1", "x"), ("2", "y")]
        path = table(tmp_path / "a.csv", f'id,text{end}1,"x{end}y"{end}', "utf-16")
        assert [(d.id, d.text) for d in read(path)] == [("1", f"x{end}y")]


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]))


@given(st.lists(st.tuples(CELL.filter(str.strip), CELL), min_size=1))
def test_what_csv_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([("id", "text"), *rows])
    path = table(tmp_path_factory.mktemp("csv") / "a.csv", stream.getvalue())
    assert [(d.id, d.text) for d in delimited.read(path)] == rows
