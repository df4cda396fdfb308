import gzip
from pathlib import Path

import pytest

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io import FORMATS, RowError, read
from biopipe.io.codecs import jsonl, parquet, pubtator

PUBMED = (
    "<MedlineCitationSet><MedlineCitation><PMID>1</PMID><Article/></MedlineCitation>"
    "</MedlineCitationSet>"
)
PMC = (
    '<article><front><article-meta><article-id pub-id-type="pmid">1</article-id></article-meta>'
    "</front></article>"
)
BIOC = "<collection><document><id>1</id></document></collection>"
ONE = [Document("1", "x")]


@pytest.mark.parametrize(
    "name", ["a.parquet", "a.jsonl", "A.JSONL", "a.jsonl.gz", "a.pubtator", "a.txt", "a.txt.gz"]
)
def test_the_name_tells_the_format(tmp_path: Path, name: str) -> None:
    writers = {"parquet": parquet.write, "jsonl": jsonl.write, "JSONL": jsonl.write}
    writers.get(name.split(".")[1], pubtator.write)(ONE, tmp_path / name)
    assert [(d.id, d.text) for d in read(tmp_path / name)] == [("1", "x")]
    assert [d.id for d in read(str(tmp_path / name))] == ["1"]


@pytest.mark.parametrize("content", [PUBMED, PMC, BIOC, f"<pmc-articleset>{PMC}</pmc-articleset>"])
@pytest.mark.parametrize("name", ["a.xml", "a.nxml.gz"])
def test_the_root_tells_which_xml(tmp_path: Path, name: str, content: str) -> None:
    raw = content.encode()
    (tmp_path / name).write_bytes(gzip.compress(raw, mtime=0) if name.endswith(".gz") else raw)
    assert [d.id for d in read(tmp_path / name)] == ["1"]


def test_a_format_that_is_named_wins(tmp_path: Path) -> None:
    path = tmp_path / "a.data"
    path.write_text("1|t|x\n")
    assert [d.id for d in read(path, format="pubtator")] == ["1"]


def test_a_txt_file_is_pubtator_only_where_it_begins_so(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n1|t|x\n")
    (tmp_path / "b.txt").write_text("Pain | t | 3 days\n")
    assert [d.id for d in read(tmp_path / "a.txt")] == ["1"]
    assert list(read(tmp_path / "b.txt")) == [Document("b", "Pain | t | 3 days\n")]


def test_columns_reach_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"key": 1, "body": "x"}\n')
    assert list(read(path, text_column="body", id_column="key")) == ONE


def test_an_unknown_format_or_ending_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="Unknown format 'docx'; the formats are: bioc, biocjson, brat, conll"
    ):
        read(tmp_path / "a.txt", format="docx")
    path = tmp_path / "a.docx"
    path.touch()
    with pytest.raises(
        InputError,
        match=r"The name of .*a\.docx tells no format; give a file with one of these endings",
    ):
        read(path)
    with pytest.raises(InputError, match=r"There is no file or folder .*nofile; give one"):
        read(tmp_path / "nofile")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (
            "<html><body/></html>",
            "the XML has the root element 'html', which is neither PubMed, PMC nor BioC",
        ),
        ("", "the file is empty or holds no XML element"),
        ("plain prose", "the file is not XML or is empty (syntax error: line 1, column 0)"),
    ],
)
def test_other_xml_is_one_error(tmp_path: Path, content: str, error: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(content)
    errors: list[RowError] = []
    assert list(read(path, on_error=errors.append)) == []
    assert errors == [RowError(str(path), 0, "", error)]
    with pytest.raises(InputError):
        list(read(path))


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_a_missing_file_is_an_input_error_in_every_format(tmp_path: Path, format: str) -> None:
    with pytest.raises(InputError, match="does not exist"):
        list(read(tmp_path / "missing", format=format, on_error=lambda error: None))


@pytest.mark.parametrize("format", sorted(FORMATS))
@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff" * 500, b"\x1f\x8b\x08broken", gzip.compress(b"{<|t|" * 99, mtime=0)[:-5]],
)
def test_garbage_is_an_error_row_in_every_format(
    tmp_path: Path, format: str, content: bytes
) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    errors: list[RowError] = []
    assert list(read(path, format=format, on_error=errors.append)) == []
    assert len(errors) >= 1
    assert all(error.input == str(path) and error.error for error in errors)
