import csv
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Passage
from biopipe.errors import InputError
from biopipe.io import read
from biopipe.io.input_columns import InputColumns, kept_text, nested_value

ROWS = [
    {"pmid": 11, "heading": "Iron.", "body": "Too much.", "year": 2020, "source": "clinic"},
    {"pmid": 12, "heading": "", "body": "Too little.", "year": None, "source": "ward"},
]


def _flat(path: Path, separator: str) -> Path:
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(ROWS[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(ROWS)
    return path


def _parquet(folder: Path) -> Path:
    pq.write_table(pa.Table.from_pylist(ROWS), folder / "x.parquet")
    return folder / "x.parquet"


def _jsonl(folder: Path) -> Path:
    path = folder / "x.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def _json(folder: Path) -> Path:
    path = folder / "x.json"
    path.write_text(json.dumps(ROWS))
    return path


FILES: dict[str, Callable[[Path], Path]] = {
    "parquet": _parquet,
    "csv": lambda folder: _flat(folder / "x.csv", ","),
    "tsv": lambda folder: _flat(folder / "x.tsv", "\t"),
    "jsonl": _jsonl,
    "json": _json,
}


@pytest.mark.parametrize("kind", FILES)
def test_a_title_stands_before_the_text(tmp_path: Path, kind: str) -> None:
    path = FILES[kind](tmp_path)
    one, two = read(path, text_column="body", id_column="pmid", title_column="heading")
    assert (one.id, one.text) == ("11", "Iron. Too much.")
    assert one.passages == (Passage("title", 0, 5), Passage("abstract", 6, 15))
    assert two.text == "Too little."


@pytest.mark.parametrize("kind", FILES)
def test_columns_that_are_kept_are_meta(tmp_path: Path, kind: str) -> None:
    path = FILES[kind](tmp_path)
    one, two = read(path, text_column="body", id_column="pmid", keep=["source", "year", "body"])
    assert one.meta == {"source": "clinic", "year": "2020", "body": "Too much."}
    # CSV cannot tell an empty cell from none.
    assert two.meta.get("year", "") == ""


@pytest.mark.parametrize("kind", ["parquet", "csv", "tsv"])
def test_a_column_to_keep_that_a_table_lacks_is_named(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InputError, match=r"no column 'yaer' for the column to keep.*Did you mean"):
        list(read(FILES[kind](tmp_path), text_column="body", id_column="pmid", keep=["yaer"]))


def test_a_field_that_a_record_lacks_is_not_kept(tmp_path: Path) -> None:
    (one, _) = read(_jsonl(tmp_path), text_column="body", id_column="pmid", keep=["ward"])
    assert one.meta == {}


NESTED = [
    {"doc": {"id": 5.0, "parts": {"body": "x", "head": "T"}}, "meta": {"source": "a", "n": [1, 2]}},
    {"doc": {"id": 6.0, "parts": None}, "meta": None},
]


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_columns_inside_of_columns(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"x.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(NESTED), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in NESTED))
    errors: list[Any] = []
    (document,) = read(
        path,
        text_column="doc.parts.body",
        id_column="doc.id",
        title_column="doc.parts.head",
        keep=["meta.source", "meta.n"],
        on_error=errors.append,
    )
    assert (document.id, document.text) == ("5", "T x")
    assert document.meta["meta.source"] == "a"
    assert document.meta["meta.n"] == "[1, 2]"
    assert [(error.row, error.document_id) for error in errors] == [(1, "6")]


def test_a_missing_field_of_a_column_of_records_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.Table.from_pylist(NESTED), path)
    with pytest.raises(InputError, match=r"no column 'meta\.sorce'.*Did you mean 'meta\.source'"):
        list(read(path, text_column="meta.sorce", id_column="doc.id"))


@given(st.dictionaries(st.text(), st.integers(), min_size=1), st.data())
def test_a_name_with_dots_at_the_top_comes_first(record: dict[str, int], data: Any) -> None:
    name = data.draw(st.sampled_from(sorted(record)))
    assert nested_value(record | {"a": record}, name) == (True, (record | {"a": record})[name])
    assert nested_value({"a.b": record}, f"a.b.{name}") == (True, record[name])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("x", "x"),
        (2020, "2020"),
        (2020.0, "2020"),
        (0.5, "0.5"),
        (float("nan"), "nan"),
        (Decimal("2.50"), "2.50"),
        (True, "true"),
        ({"ä": [1, date(2020, 1, 2)]}, '{"ä": [1, "2020-01-02"]}'),
        (date(2020, 1, 2), "2020-01-02"),
    ],
    ids=repr,
)
def test_values_as_text(value: Any, text: str | None) -> None:
    assert kept_text(value) == text


def test_one_column_is_not_two_things(tmp_path: Path) -> None:
    path = _parquet(tmp_path)
    for title in ("body", "pmid"):
        with pytest.raises(InputError, match="also that of the text or the id"):
            list(read(path, text_column="body", id_column="pmid", title_column=title))
    assert InputColumns() == InputColumns("text", "id", "", ())
