import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biopipe.bulk import run
from biopipe.bulk.first_records import first_records
from biopipe.errors import ConfigError, OutputError
from biopipe.io import list_fragments
from biopipe.io.input_columns import InputColumns


@pytest.fixture
def inputs(tmp_path: Path) -> str:
    """Five rows of Parquet in groups of two, of which one has no text, then three lines of JSON."""
    folder = tmp_path / "in"
    folder.mkdir()
    texts = ["zero", None, "two", "three", "four"]
    table = pa.table({"id": [str(n) for n in range(5)], "text": texts})
    pq.write_table(table, folder / "a.parquet", row_group_size=2)
    lines = ['{"id": "5", "text": "five"}', "no json", '{"id": "7", "text": "seven"}']
    (folder / "b.jsonl").write_text("\n".join(lines))
    return str(folder)


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (1, [1]),
        (2, [None]),
        (3, [None, 1]),
        (5, [None, None, None]),
        (7, [None, None, None, 2]),
        (8, [None] * 4),
        (99, [None] * 4),
    ],
)
def test_the_last_fragment_is_cut(inputs: str, limit: int, expected: list[int | None]) -> None:
    taken = first_records(list_fragments([inputs]), limit, InputColumns())
    assert [fragment.limit for fragment in taken] == expected


@pytest.mark.parametrize(("limit", "documents"), [(1, 1), (2, 1), (3, 2), (7, 5), (99, 6)])
def test_records_that_cannot_be_read_count(
    inputs: str, pipeline: str, tmp_path: Path, limit: int, documents: int
) -> None:
    summary = run([inputs], tmp_path / "out", pipeline=pipeline, limit=limit)
    assert (summary.inputs, summary.documents) == (min(limit, 8), documents)
    again = run([inputs], tmp_path / "out", pipeline=pipeline, limit=limit)
    assert again.parts == 0


def test_another_limit_is_another_configuration(inputs: str, pipeline: str, tmp_path: Path) -> None:
    run([inputs], tmp_path / "out", pipeline=pipeline, limit=1)
    with pytest.raises(OutputError, match="limit was 1 and is now null"):
        run([inputs], tmp_path / "out", pipeline=pipeline)
    with pytest.raises(ConfigError, match="The limit is 0 documents; give 1 or more"):
        run([inputs], tmp_path / "out", pipeline=pipeline, limit=0)


def test_titles_and_kept_columns_reach_the_tables(pipeline: str, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    rows = [
        {"key": 1.0, "head": "Tumor necrosis factor.", "text": "TNF.", "meta": {"site": ["a"]}},
        {"key": 1.0, "head": "", "text": "Same id.", "meta": {}},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    run(
        [str(path)],
        tmp_path / "out",
        pipeline=pipeline,
        id_column="key",
        title_column="head",
        keep=("meta.site", "text"),
    )
    one, two = pq.read_table(tmp_path / "out" / "documents").to_pylist()
    assert (one["id"], one["row"], one["meta.site"], one["text"]) == ("1", 0, '["a"]', "TNF.")
    assert (two["id"], two["row"], two["meta.site"]) == ("1", 1, None)
    assert one["text_length"] == len("Tumor necrosis factor. TNF.")
    assert [passage["type"] for passage in one["passages"]] == ["title", "abstract"]
    assert one["input"] == str(path)


@pytest.mark.parametrize(
    ("keep", "error"),
    [
        (("date",), "The column 'date' cannot be kept: the table documents has one"),
        (("a", "a"), "The column to keep 'a' is named 2 times"),
    ],
)
def test_what_cannot_be_kept_is_said_before_anything_starts(
    keep: tuple[str, ...], error: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=error):
        run(["in"], tmp_path / "out", keep=keep)
    assert not (tmp_path / "out").exists()
