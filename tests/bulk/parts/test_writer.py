import zlib
from contextlib import suppress
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biopipe.bulk.parts.writer import PartWriter, written_table
from biopipe.bulk.tables import SCHEMAS, TABLES, ErrorRow, document_tables, error_table
from biopipe.document import Document
from biopipe.errors import OutputError
from biopipe.io.run_output.folder import SCRATCH, part_file
from biopipe.io.run_output.journal import FileMark


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (SCRATCH, *TABLES):
        (tmp_path / name).mkdir()
    return tmp_path


def _write(writer: PartWriter, count: int) -> None:
    for number in range(count):
        for table, rows in document_tables([Document(f"d{number}", "text")], {}).items():
            writer.write(table, rows)


def test_a_part_has_four_files_in_the_schemas_of_the_format(folder: Path) -> None:
    with PartWriter(folder, "p") as writer:
        _write(writer, 3)
        writer.write("errors", error_table([ErrorRow("in", 3, "d3", "read", "text is null")]))
        marks = writer.publish(documents=3, errors=1)
    for table in TABLES:
        path = part_file(folder, table, "p")
        read = pq.read_table(path)
        assert read.schema.equals(SCHEMAS[table])
        assert marks[table] == FileMark(path.stat().st_size, zlib.crc32(path.read_bytes()))
        assert written_table(path) == table
    assert pq.read_table(part_file(folder, "documents", "p"))["id"].to_pylist() == [
        "d0",
        "d1",
        "d2",
    ]
    assert list((folder / SCRATCH).iterdir()) == []


def test_rows_are_gathered_into_large_row_groups(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("biopipe.bulk.parts.writer._ROWS_PER_GROUP", 4)
    with PartWriter(folder, "p") as writer:
        _write(writer, 10)
        writer.publish(documents=10, errors=0)
    metadata = pq.read_metadata(part_file(folder, "documents", "p"))
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [
        4,
        4,
        2,
    ]
    assert metadata.row_group(0).column(0).compression == "ZSTD"


def test_the_files_do_not_depend_on_how_the_rows_came(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("biopipe.bulk.parts.writer._ROWS_PER_GROUP", 7)
    documents = [Document(f"d{number % 5}", "text") for number in range(40)]
    marks = []
    for size in (1, 3, 7, 40):
        with PartWriter(folder, f"by-{size}") as writer:
            for start in range(0, 40, size):
                for table, rows in document_tables(documents[start : start + size], {}).items():
                    writer.write(table, rows)
            marks.append(writer.publish(documents=40, errors=0))
    assert marks[1:] == marks[:-1]
    metadata = pq.read_metadata(part_file(folder, "documents", "by-3"))
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [
        7
    ] * 5 + [5]
    assert pq.read_table(part_file(folder, "documents", "by-3"))["id"].to_pylist() == [
        d.id for d in documents
    ]


def test_a_part_that_fails_leaves_nothing(folder: Path) -> None:
    with suppress(ZeroDivisionError), PartWriter(folder, "p") as writer:
        _write(writer, 2)
        assert len(list((folder / SCRATCH).iterdir())) == len(TABLES)
        raise ZeroDivisionError
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_part_that_lost_documents_is_not_published(folder: Path) -> None:
    with PartWriter(folder, "p") as writer:
        _write(writer, 2)
        with pytest.raises(OutputError, match="holds 2 documents where 3 were written"):
            writer.publish(documents=3, errors=0)
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_files_of_others_are_not_taken_for_ours(folder: Path) -> None:
    other = folder / "other.parquet"
    pq.write_table(document_tables([], {})["documents"], other)
    assert written_table(other) is None
    other.write_bytes(b"no Parquet")
    assert written_table(other) is None
