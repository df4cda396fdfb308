import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Abbreviation, Candidate, Document, Mention, Passage, Relation
from biopipe.errors import InputError
from biopipe.io import RowError
from biopipe.io.codecs.parquet import read, row_group_rows, write
from biopipe.io.input_columns import InputColumns
from biopipe.io.streams import BrokenFile


def saved(tmp_path: Path, row_group_size: int | None = None, **columns: Any) -> Path:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=row_group_size)
    return path


def unchecked(values: list[bytes | None], kind: pa.DataType | None = None) -> pa.Array:
    """A string column of any bytes, as other writers leave it in Parquet."""
    binary = pa.array(values, pa.large_binary() if kind == pa.large_string() else pa.binary())
    strings = pa.Array.from_buffers(kind or pa.string(), len(values), binary.buffers())
    return strings


def read_all(path: Path, **options: Any) -> tuple[list[Document], list[RowError]]:
    errors: list[RowError] = []
    return list(read(path, on_error=errors.append, **options)), errors


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.large_string(),
        pa.dictionary(pa.int32(), pa.string()),
        pa.binary(),
        pa.string_view(),
    ],
    ids=str,
)
def test_text_and_id_of_any_text_type(tmp_path: Path, kind: pa.DataType) -> None:
    strings = pa.array(["β", "", "β", " "]).cast(kind)
    documents = read(saved(tmp_path, id=pa.array(["1", "2", "3", "4"]).cast(kind), text=strings))
    assert [(d.id, d.text) for d in documents] == [("1", "β"), ("2", ""), ("3", "β"), ("4", " ")]


def test_whole_number_ids(tmp_path: Path) -> None:
    path = saved(tmp_path, id=pa.array([7, None], pa.int64()), text=["a", "b"])
    documents, errors = read_all(path)
    assert [d.id for d in documents] == ["7"]
    assert [(e.row, e.error) for e in errors] == [(1, "the id is null")]


def test_other_column_names(tmp_path: Path) -> None:
    path = saved(tmp_path, pmid=["1"], abstract=["a"])
    assert list(read(path, columns=InputColumns("abstract", "pmid"))) == [Document("1", "a")]


def test_date_journal_and_title_become_meta(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        id=["1", "2"],
        text=["a", "b"],
        date=["2020-01", None],
        journal=["J", ""],
        title=["T", None],
    )
    assert [d.meta for d in read(path)] == [{"date": "2020-01", "journal": "J", "title": "T"}, {}]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([datetime.date(2020, 1, 2)]), "2020-01-02"),
        (pa.array([datetime.datetime(2020, 1, 2, 3)]).cast(pa.timestamp("ns")), "2020-01-02"),
        (
            pa.array([datetime.datetime(2020, 1, 2, 3)]).cast(pa.timestamp("us", "UTC")),
            "2020-01-02",
        ),
        (pa.array([2020]), "2020"),
    ],
)
def test_dates_of_other_types(tmp_path: Path, values: pa.Array, expected: str) -> None:
    (document,) = read(saved(tmp_path, id=["1"], text=["a"], date=values))
    assert document.meta == {"date": expected}


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
@pytest.mark.parametrize("dictionary", [False, True])
def test_bad_utf8_and_nulls_are_error_rows_and_all_others_are_read(
    tmp_path: Path, kind: pa.DataType, dictionary: bool
) -> None:
    text = unchecked([b"fine", b"\xed\xa0\x80", None, b"caf\xe9", "\U0001f9ec".encode()], kind)
    path = saved(
        tmp_path, 2, id=list("12345"), text=text.dictionary_encode() if dictionary else text
    )
    documents, errors = read_all(path)
    assert [(d.id, d.text) for d in documents] == [("1", "fine"), ("5", "\U0001f9ec")]
    assert [(e.row, e.document_id, e.error) for e in errors] == [
        (1, "2", "text is not valid UTF-8 at byte 0 (0xed)"),
        (2, "3", "text is null"),
        (3, "4", "text is not valid UTF-8 at byte 3 (0xe9)"),
    ]


def test_a_bad_id_costs_the_row_and_a_bad_date_the_date(tmp_path: Path) -> None:
    ids, dates = unchecked([b"1", b"\xff", b""]), unchecked([b"\xff", b"2020", b"2020"])
    documents, errors = read_all(saved(tmp_path, id=ids, text=["a", "b", "c"], date=dates))
    assert documents == [Document("1", "a")]
    assert [e.error for e in errors] == [
        "the date is left out (date is not valid UTF-8 at byte 0 (0xff))",
        "the id is not valid UTF-8 at byte 0 (0xff)",
        "the id is empty",
    ]


def test_a_column_of_nulls_only(tmp_path: Path) -> None:
    documents, errors = read_all(saved(tmp_path, id=["1", "2"], text=pa.nulls(2)))
    assert documents == []
    assert [e.error for e in errors] == ["text is null", "text is null"]


def test_a_missing_column_names_those_there_are(tmp_path: Path) -> None:
    path = saved(tmp_path, pmid=["1"], body=["x"])
    with pytest.raises(
        InputError, match="has no column 'text' for the text; its columns are: pmid, body"
    ):
        list(read(path, on_error=print))
    with pytest.raises(
        InputError, match="has no column 'id' for the id; its columns are: pmid, body"
    ):
        list(read(path, columns=InputColumns("body")))


@pytest.mark.parametrize("values", [[1], [["a"]], [1.5], [True], [{"a": "b"}]], ids=str)
def test_a_text_column_that_is_not_text_names_its_type(tmp_path: Path, values: list[Any]) -> None:
    path = saved(tmp_path, id=["1"], text=values)
    kind = str(pq.read_schema(path).field("text").type)
    with pytest.raises(InputError) as caught:
        list(read(path, on_error=print))
    assert f"is {kind}, not text; its text columns are: id." in str(caught.value)


@pytest.mark.parametrize(
    "kind",
    [pa.int8(), pa.uint64(), pa.float16(), pa.float32(), pa.float64(), pa.decimal128(23, 2)],
    ids=str,
)
def test_an_id_of_any_number_type_is_its_whole_number(tmp_path: Path, kind: pa.DataType) -> None:
    ids = pa.array([12, 7], pa.float16() if kind == pa.float16() else None).cast(kind)
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"id": ids, "text": ["a", "b"]}), path)
    assert [document.id for document in read(path)] == ["12", "7"]


def test_a_number_that_is_no_whole_one_is_no_id(tmp_path: Path) -> None:
    path = saved(tmp_path, id=[1.5, None, 2.0**53, float("nan"), -3.0], text=["x"] * 5)
    documents, errors = read_all(path)
    assert [document.id for document in documents] == ["-3"]
    assert [error.error for error in errors] == [
        "the id is 1.5, not text or a whole number",
        "the id is null",
        "the id is 9007199254740992.0, a number too large to be told from the next one",
        "the id is null",
    ]


@pytest.mark.parametrize(
    "damage", [lambda raw: b"", lambda raw: raw[:-20], lambda raw: b"not parquet at all"]
)
def test_an_unreadable_file_is_one_error(tmp_path: Path, damage: Any) -> None:
    path = saved(tmp_path, id=["1"], text=["x"])
    path.write_bytes(damage(path.read_bytes()))
    documents, errors = read_all(path)
    assert documents == []
    assert [(e.row, e.error[:40]) for e in errors] == [
        (0, "the file is not a readable Parquet file ")
    ]
    with pytest.raises(BrokenFile):
        row_group_rows(path)


def test_a_damaged_row_group_is_one_error_and_the_others_are_read(tmp_path: Path) -> None:
    texts = [f"text {n} " * 20 for n in range(30)]
    path = saved(tmp_path, 10, id=[str(n) for n in range(30)], text=texts)
    column = pq.ParquetFile(path).metadata.row_group(1).column(1)
    start = column.dictionary_page_offset or column.data_page_offset
    raw = bytearray(path.read_bytes())
    raw[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(raw)
    documents, errors = read_all(path)
    assert [d.id for d in documents] == [str(n) for n in [*range(10), *range(20, 30)]]
    assert [e.row for e in errors] == [10]
    assert errors[0].error.startswith("rows 10 to 19 cannot be read (")


def test_one_row_group_counts_rows_from_the_start_of_the_file(tmp_path: Path) -> None:
    path = saved(tmp_path, 2, id=list("12345"), text=["a", "b", "c", None, "e"])
    documents, errors = read_all(path, row_group=1)
    assert [d.id for d in documents] == ["3"]
    assert [(e.row, e.document_id) for e in errors] == [(3, "4")]
    assert len(row_group_rows(path)) == 3


def test_a_file_without_rows_is_no_error(tmp_path: Path) -> None:
    assert (
        list(read(saved(tmp_path, id=pa.array([], pa.string()), text=pa.array([], pa.string()))))
        == []
    )


def test_columns_that_only_share_a_name_are_passed_over(tmp_path: Path) -> None:
    path = saved(
        tmp_path, id=["1"], text=["a"], mentions=[["x"]], relations=[3], meta=["y"], date=[[1]]
    )
    assert list(read(path)) == [Document("1", "a")]


FULL = Document(
    "1",
    "BRCA1 (breast)",
    (
        Mention(
            0,
            5,
            "Gene",
            0.5,
            ("NCBIGene:672",),
            (Candidate("a", "b", 0.25),),
            frozenset({"negated"}),
            ("ner",),
        ),
    ),
    (
        Relation(
            "a", "b", "Association", 0.75, True, 0.5, ((0, 5),), frozenset({"negated", "possible"})
        ),
        Relation("a", "c", "Bind"),
    ),
    (Passage("title", 0, 14),),
    (Abbreviation(0, 5, 7, 13),),
    {"date": "2020", "other": ""},
    windows=3,
    pairs_left_out=4,
)


def test_every_field_is_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    assert write([FULL, Document("2", "")], path) == 2
    assert list(read(path)) == [FULL, Document("2", "")]


def test_files_of_version_0_1_0(tmp_path: Path) -> None:
    mention = {"start": 0, "end": 1, "label": "Gene", "score": 0.5, "source": "ner|other"}
    path = saved(tmp_path, id=["1", "2"], text=["a", "b"], mentions=[[mention], None])
    assert list(read(path)) == [
        Document("1", "a", (Mention(0, 1, "Gene", 0.5, sources=("ner", "other")),)),
        Document("2", "b"),
    ]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("round") / "a.parquet"
    documents = [Document(f"d{n}", text) for n, text in enumerate(texts)]
    assert write(iter(documents), path) == len(texts)
    assert list(read(path)) == documents


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write([FULL], path)

    def failing() -> Any:
        yield Document("1", "x")
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write(failing(), path)
    assert list(read(path)) == [FULL]
    assert list(tmp_path.iterdir()) == [path]


DAYS = [None, 0, -719162, -719163, 2932896, 2932897, 2**31 - 1, -(2**31)]


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64(), pa.timestamp("s"), pa.timestamp("ms")])
def test_dates_outside_of_the_calendar_cost_the_date(tmp_path: Path, kind: pa.DataType) -> None:
    seconds = {"date64": 86_400_000, "timestamp[s]": 86_400, "timestamp[ms]": 86_400_000}
    unit = next((n for name, n in seconds.items() if str(kind).startswith(name)), 1)
    numbers = pa.array([None if day is None else day * unit for day in DAYS], pa.int64())
    dates = (numbers.cast(pa.int32()) if unit == 1 else numbers).cast(kind)
    ids = [str(number) for number in range(len(DAYS))]
    documents, errors = read_all(saved(tmp_path, id=ids, text=ids, date=dates))
    read_dates = [document.meta.get("date") for document in documents]
    assert read_dates == [None, "1970-01-01", "0001-01-01", None, "9999-12-31", None, None, None]
    assert [error.row for error in errors] == [3, 5, 6, 7]
    assert all("outside the years 1 to 9999" in error.error for error in errors)
