from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io import RowError
from biopipe.io.frames import open_table, read
from biopipe.io.input_columns import InputColumns

TABLE = pa.table(
    {"id": ["1", "2", "3"], "text": ["β", None, " "], "date": ["2020", None, ""], "more": [1, 2, 3]}
)


class Stream:
    """What any program has that speaks the Arrow C stream interface."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


USUAL = InputColumns()


def read_all(table: Any, columns: InputColumns = USUAL) -> tuple[list[Document], list[RowError]]:
    errors: list[RowError] = []
    return list(read(open_table(table, columns), on_error=errors.append)), errors


def _pandas(table: pa.Table) -> Any:
    pytest.importorskip("pandas", reason="reads pandas DataFrames")
    return table.to_pandas()


def _polars(table: pa.Table) -> Any:
    return pytest.importorskip("polars", reason="reads polars DataFrames").from_arrow(table)


KINDS: dict[str, Callable[[pa.Table], Any]] = {
    "table": lambda table: table,
    "batch": lambda table: table.combine_chunks().to_batches()[0],
    "reader": lambda table: pa.RecordBatchReader.from_batches(
        table.schema, table.to_batches(max_chunksize=2)
    ),
    "batches": lambda table: iter(table.to_batches(max_chunksize=1)),
    "tables": lambda table: [table.slice(0, 1), Stream(table.slice(1))],
    "capsule": Stream,
    "views": lambda table: table.set_column(1, "text", table["text"].cast(pa.string_view())),
    "dictionary": lambda table: table.set_column(1, "text", table["text"].dictionary_encode()),
    "pandas": _pandas,
    "polars": _polars,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_documents_from_every_kind_of_table(kind: str) -> None:
    documents, errors = read_all(KINDS[kind](TABLE))
    assert documents == [Document("1", "β", meta={"date": "2020"}), Document("3", " ")]
    assert [(e.input, e.row, e.document_id, e.error) for e in errors] == [
        ("the table", 1, "2", "text is null")
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_many_rows_keep_their_order_and_number(kind: str) -> None:
    count = 200
    table = pa.table(
        {
            "pmid": range(count),
            "body": [None if n % 70 == 69 else f"text {n}" for n in range(count)],
        }
    )
    if kind in ("views", "dictionary"):
        table = table.set_column(1, "body", table["body"].dictionary_encode())
        documents, errors = read_all(table, InputColumns("body", "pmid"))
    else:
        documents, errors = read_all(KINDS[kind](table), InputColumns("body", "pmid"))
    assert [d.id for d in documents] == [str(n) for n in range(count) if n % 70 != 69]
    assert [e.row for e in errors] == [69, 139]


@pytest.mark.parametrize("kind", ["table", "reader", "capsule", "batches", "pandas", "polars"])
def test_a_missing_column_is_told_before_the_first_row(kind: str) -> None:
    table = pa.table({"Text": ["a"], "id": ["1"], "other": ["b"]})
    with pytest.raises(
        InputError,
        match=r"The table has no column 'text' .*: Text, id, other. Did you mean 'Text'\?",
    ):
        open_table(KINDS[kind](table), InputColumns("text", "id"))


@pytest.mark.parametrize("kind", ["table", "pandas", "polars"])
def test_a_column_of_numbers_is_no_text(kind: str) -> None:
    with pytest.raises(
        InputError, match=r"The text column 'text' of the table is double, not text"
    ):
        open_table(KINDS[kind](pa.table({"id": [1], "text": [1.5]})), InputColumns("text", "id"))


def test_one_column_for_both_and_two_of_one_name() -> None:
    with pytest.raises(InputError, match="cannot be both the text and the id"):
        open_table(TABLE, InputColumns("id", "id"))
    twice = pa.Table.from_arrays(
        [pa.array(["1"]), pa.array(["a"]), pa.array(["b"])], names=["id", "text", "text"]
    )
    with pytest.raises(InputError, match="has two columns 'text'"):
        open_table(twice, InputColumns("text", "id"))


@pytest.mark.parametrize("value", [5, "text", b"text", {"id": ["1"]}, [5], ["text"]], ids=repr)
def test_what_is_no_table(value: object) -> None:
    with pytest.raises(InputError, match=r"A builtins\.\w+ is no table; give"):
        open_table(value, InputColumns("text", "id"))


def test_nothing_at_all() -> None:
    assert read_all([]) == ([], [])
    assert read_all(TABLE.slice(0, 0)) == ([], [])


def test_a_stream_is_read_as_it_is_asked_for() -> None:
    taken = []

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(50):
            taken.append(number)
            yield pa.record_batch({"id": [str(number)], "text": ["a"]})

    documents = read(open_table(batches(), InputColumns("text", "id")))
    assert next(documents).id == "0"
    assert len(taken) < 3


def test_pandas_objects_are_looked_at_one_by_one() -> None:
    pandas = pytest.importorskip("pandas", reason="reads pandas DataFrames")
    values = ["fine", 3.5, "a\ud800", None, float("nan"), pandas.NA, ["x"], "fine"]
    frame = pandas.DataFrame(
        {
            "id": pandas.Series([1, "b", "c", 4, 5, 6, 7, None], dtype=object),
            "text": pandas.Series(values, dtype=object),
        },
    )
    frame.index = [3] * 8
    documents, errors = read_all(frame)
    assert documents == [Document("1", "fine")]
    assert [(e.row, e.document_id, e.error) for e in errors] == [
        (1, "b", "text is a number, not text"),
        (2, "c", "text has a lone surrogate (U+D800) at character 1; repair its encoding"),
        (3, "4", "text is null"),
        (4, "5", "text is null"),
        (5, "6", "text is null"),
        (6, "7", "text is a list, not text"),
        (7, "", "the id is null"),
    ]


def test_pandas_columns_of_other_types() -> None:
    pandas = pytest.importorskip("pandas", reason="reads pandas DataFrames")
    frame = pandas.DataFrame(
        {
            "id": pandas.Categorical(["x", "y"]),
            "text": pandas.array(["a", None], dtype="string"),
            "date": pandas.to_datetime(["2020-01-02", None]),
            7: [object(), object()],
        }
    )
    documents, errors = read_all(frame)
    assert documents == [Document("x", "a", meta={"date": "2020-01-02"})]
    assert [e.error for e in errors] == ["text is null"]
