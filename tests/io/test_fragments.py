import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biopipe.errors import InputError
from biopipe.io import RowError, list_fragments, read_fragment
from biopipe.io.input_columns import InputColumns


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    (data / "sub").mkdir(parents=True)
    (data / "_temporary").mkdir()
    table = pa.table({"id": list("12345"), "text": ["a", None, "c", "d", "e"]})
    pq.write_table(table, data / "t.parquet", row_group_size=2)
    (data / "sub" / "b.txt").write_text("7|t|x\n")
    for name in ("a.pubtator", "._a.txt", "README.md", "_SUCCESS", "_temporary/c.txt"):
        (data / name).write_text("8|t|y\n")
    return data


def names(inputs: list[str]) -> list[tuple[str, str, int | None]]:
    return [(f.path.name, f.format, f.row_group) for f in list_fragments(inputs)]


EVERYTHING = [
    ("a.pubtator", "pubtator", None),
    ("b.txt", "pubtator", None),
    ("t.parquet", "parquet", 0),
    ("t.parquet", "parquet", 1),
    ("t.parquet", "parquet", 2),
]


def test_a_folder_gives_its_data_files_in_order(folder: Path) -> None:
    assert names([str(folder)]) == EVERYTHING


def test_patterns_and_files_and_each_file_once(folder: Path) -> None:
    assert names([str(folder / "**" / "b*")]) == [("b.txt", "pubtator", None)]
    assert names([str(folder / "sub" / "b.txt"), str(folder)])[0] == ("b.txt", "pubtator", None)
    assert len(names([str(folder), str(folder / "*.parquet"), str(folder / "t.parquet")])) == len(
        EVERYTHING
    )


def test_fragments_hold_all_documents_and_rows_count_from_the_start_of_the_file(
    folder: Path,
) -> None:
    errors: list[RowError] = []
    fragments = list_fragments([str(folder)])
    documents = [
        d.id for fragment in fragments for d in read_fragment(fragment, on_error=errors.append)
    ]
    assert documents == ["8", "7", "1", "3", "4", "5"]
    assert [(e.row, e.document_id) for e in errors] == [(1, "2")]


def test_columns_reach_the_reader(tmp_path: Path) -> None:
    pq.write_table(pa.table({"key": [1], "body": ["x"]}), tmp_path / "a.parquet")
    (fragment,) = list_fragments([str(tmp_path)])
    assert [d.text for d in read_fragment(fragment, InputColumns("body", "key"))] == ["x"]


def test_names_are_unique_stable_and_fit_for_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "sub" / "a.pubtator").write_text("9|t|z\n")
    odd = folder / "sub" / "ö b: pone.0000217.nxml.gz"
    odd.touch()
    first = [f.name for f in list_fragments([str(folder)])]
    assert len(set(first)) == len(first) == 7
    assert all(name.isascii() and not set(name) & set(" :/\\") for name in first)
    assert any(name.startswith("b_pone.0000217-") for name in first)
    monkeypatch.chdir(folder.parent)
    assert [f.name for f in list_fragments(["data"])] == first
    assert [f.name for f in list_fragments([os.path.join("data", "..", "data")])] == first


def test_a_named_format(tmp_path: Path) -> None:
    (tmp_path / "a.data").write_text("1|t|x\n")
    (fragment,) = list_fragments([str(tmp_path / "a.data")], format="pubtator")
    assert [d.id for d in read_fragment(fragment)] == ["1"]


def test_an_unreadable_parquet_file_is_a_fragment_that_reads_as_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"junk")
    (fragment,) = list_fragments([str(tmp_path)])
    errors: list[RowError] = []
    assert list(read_fragment(fragment, on_error=errors.append)) == []
    assert len(errors) == 1


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("missing.txt", "does not exist; give files, folders or patterns"),
        ("*.none", "matches no file"),
        ("empty", "holds no file ending in"),
        ("a.docx", "tells no format"),
    ],
)
def test_an_input_that_gives_nothing_is_an_error(tmp_path: Path, name: str, error: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.docx").touch()
    with pytest.raises(InputError, match=error):
        list_fragments([str(tmp_path / name)])


def test_an_unknown_format(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Unknown format 'docx'"):
        list_fragments([str(tmp_path)], format="docx")


def test_a_folder_that_may_not_be_read_is_not_passed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def refuses(path: str) -> object:
        if Path(path) == folder / "sub":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuses)
    for given in (folder, folder / "sub"):
        with pytest.raises(InputError, match="sub cannot be read: Permission denied; make it"):
            list_fragments([str(given)])
