import json
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biopipe.bulk.output.folder import open_output_folder
from biopipe.bulk.parts.part import SkippedRow, write_part
from biopipe.errors import ModelError
from biopipe.io.fragments import list_fragments
from biopipe.io.input_columns import InputColumns
from biopipe.io.run_output.folder import part_file
from biopipe.io.run_output.journal import Part, read_journal
from biopipe.pipeline import build


@pytest.fixture(params=["two lanes", "one core"])
def write(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[Part]]:
    """Writes the parts of an input into tmp_path/out."""
    module = import_module("biopipe.bulk.annotate")  # by this name the package has a function
    monkeypatch.setattr(module, "has_cores", lambda: request.param == "two lanes")

    def run(path: Path, **options: Any) -> list[Part]:
        nlp = build({"components": {"biopipe_abbreviations": {}}})
        with open_output_folder(tmp_path / "out", {}):
            return [
                write_part(
                    fragment,
                    nlp,
                    tmp_path / "out",
                    columns=InputColumns(),
                    kb_names={},
                    **{"on_inputs": lambda count: None, **options},
                )
                for fragment in list_fragments([str(path)])
            ]

    return run


def _rows(tmp_path: Path, table: str, parts: list[Part]) -> list[dict[str, object]]:
    return [
        row
        for part in parts
        for row in pq.read_table(part_file(tmp_path / "out", table, part.name)).to_pylist()
    ]


def test_rows_of_errors_count_from_the_start_of_the_file(
    tmp_path: Path, write: Callable[..., list[Part]]
) -> None:
    path = tmp_path / "in.parquet"
    texts = ["a", None, "c", "d", None, "f", None]
    table = pa.table(
        {"id": pa.array(["0", "1", None, "3", "4", "5", "6"]), "text": pa.array(texts, pa.string())}
    )
    pq.write_table(table, path, row_group_size=3)
    parts = write(path)
    assert [part.row_group for part in parts] == [0, 1, 2]
    assert [row["id"] for row in _rows(tmp_path, "documents", parts)] == ["0", "3", "5"]
    errors = _rows(tmp_path, "errors", parts)
    assert [(row["row"], row["document_id"], row["stage"]) for row in errors] == [
        (1, "1", "read"),
        (2, None, "read"),
        (4, "4", "read"),
        (6, "6", "read"),
    ]
    assert [part.counts.inputs for part in parts] == [3, 3, 1]
    assert read_journal(tmp_path / "out") == {part.name: part for part in parts}


def test_a_document_whose_annotations_are_bad_is_a_document_with_a_remark(
    tmp_path: Path, write: Callable[..., list[Part]]
) -> None:
    path = tmp_path / "in.jsonl"
    records = [
        {"id": "a", "text": "one"},
        {"id": "b", "text": "two", "mentions": [{"start": 5, "end": 9, "label": "Gene"}]},
        {"id": "c", "text": None},
        {"id": "d", "text": "four"},
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    parts = write(path)
    assert [row["id"] for row in _rows(tmp_path, "documents", parts)] == ["a", "b", "d"]
    assert [row["row"] for row in _rows(tmp_path, "errors", parts)] == [1, 2]
    (counts,) = (part.counts for part in parts)
    assert (counts.inputs, counts.documents, counts.errors) == (4, 3, 2)


def test_failures_of_the_pipeline_name_row_and_stage(
    tmp_path: Path, write: Callable[..., list[Part]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str) -> tuple[object, ...]:
        if text == "bad":
            raise ValueError("cannot")
        return ()

    monkeypatch.setattr("biopipe.text.abbreviations.find_abbreviations", fail)
    path = tmp_path / "in.jsonl"
    path.write_text(
        "\n".join(['{"id": "a"}', '{"id": "b", "text": "bad"}', '{"id": "c", "text": "good"}'])
    )
    parts = write(path)
    assert [row["id"] for row in _rows(tmp_path, "documents", parts)] == ["c"]
    errors = _rows(tmp_path, "errors", parts)
    assert [(row["row"], row["document_id"], row["stage"]) for row in errors] == [
        (0, "a", "read"),
        (1, "b", "biopipe_abbreviations"),
    ]
    assert errors[1]["error"] == "ValueError: cannot"
    assert errors[1]["input"] == str(path)


def test_rows_that_a_damaged_row_group_hides_count_as_inputs(
    tmp_path: Path, write: Callable[..., list[Part]]
) -> None:
    path = tmp_path / "in.parquet"
    texts = [f"text number {number}" for number in range(400)]
    table = pa.table({"id": [str(number) for number in range(400)], "text": texts})
    pq.write_table(table, path, row_group_size=200, compression="none", use_dictionary=False)
    column = pq.read_metadata(path).row_group(1).column(1)
    with path.open("r+b") as file:
        file.seek(column.data_page_offset)
        file.write(b"\xff" * 40)
    first, second = write(path)
    assert (first.counts.inputs, first.counts.documents, first.counts.errors) == (200, 200, 0)
    assert (second.counts.inputs, second.counts.documents, second.counts.errors) == (200, 0, 1)
    (error,) = _rows(tmp_path, "errors", [second])
    assert error["row"] == 200
    assert "rows 200 to 399 cannot be read" in str(error["error"])


def test_an_input_that_is_gone_is_an_error_row(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "a", "text": "b"}')
    (fragment,) = list_fragments([str(path)])
    path.unlink()
    nlp = build({"components": {"biopipe_abbreviations": {}}})
    with open_output_folder(tmp_path / "out", {}):
        part = write_part(
            fragment,
            nlp,
            tmp_path / "out",
            columns=InputColumns(),
            kb_names={},
            on_inputs=lambda count: None,
        )
    (error,) = _rows(tmp_path, "errors", [part])
    assert "does not exist" in str(error["error"])
    assert (part.counts.inputs, part.counts.documents) == (1, 0)


def _write_rows(path: Path, count: int) -> Path:
    texts = [None if number == 2 else f"text {number}" for number in range(count)]
    table = pa.table(
        {"id": [f"d{number}" for number in range(count)], "text": pa.array(texts, pa.string())}
    )
    pq.write_table(table, path)
    return path


@pytest.mark.parametrize("one_by_one", [False, True])
def test_a_batch_is_told_before_it_is_run_and_after_it_is_written(
    tmp_path: Path,
    write: Callable[..., list[Part]],
    monkeypatch: pytest.MonkeyPatch,
    one_by_one: bool,
) -> None:
    path = _write_rows(tmp_path / "in.parquet", 130)
    batches: list[list[int]] = []
    inputs: list[int] = []
    found: list[list[str]] = []

    def find(text: str) -> tuple[object, ...]:
        found.append([text])
        assert any(f"text {row}" == text for batch in batches for row in batch)
        return ()

    def on_inputs(count: int) -> None:
        inputs.append(count)
        assert len(batches) >= len(inputs)

    monkeypatch.setattr("biopipe.text.abbreviations.find_abbreviations", find)
    write(path, on_batch=batches.append, on_inputs=on_inputs, one_by_one=one_by_one)
    assert len(batches) == len(inputs)
    assert [row for batch in batches for row in batch] == [row for row in range(130) if row != 2]
    assert sum(inputs) == 130
    assert (max(inputs) == 1) is one_by_one
    if one_by_one:
        assert [len(batch) for batch in batches[:4]] == [1, 1, 0, 1]


def test_rows_to_skip_are_error_rows_and_never_run(
    tmp_path: Path, write: Callable[..., list[Part]], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def find(text: str) -> tuple[object, ...]:
        seen.append(text)
        return ()

    monkeypatch.setattr("biopipe.text.abbreviations.find_abbreviations", find)
    path = _write_rows(tmp_path / "in.parquet", 5)
    skip = {
        1: SkippedRow("crash", "the process ended"),
        2: SkippedRow("crash", "never read"),
        9: SkippedRow("", ""),
    }
    batches: list[list[int]] = []
    parts = write(path, skip=skip, on_batch=batches.append)
    assert seen == ["text 0", "text 3", "text 4"]
    assert batches == [[0, 3, 4]]
    assert [
        (row["row"], row["document_id"], row["stage"]) for row in _rows(tmp_path, "errors", parts)
    ] == [
        (1, "d1", "crash"),
        (2, "d2", "read"),
    ]
    assert (parts[0].counts.inputs, parts[0].counts.documents, parts[0].counts.errors) == (5, 3, 2)


def test_calls_come_from_the_thread_that_writes(
    tmp_path: Path, write: Callable[..., list[Part]]
) -> None:
    threads = set()
    write(
        _write_rows(tmp_path / "in.parquet", 200),
        on_batch=lambda rows: threads.add(threading.get_ident()),
        on_inputs=lambda count: threads.add(threading.get_ident()),
    )
    assert threads == {threading.get_ident()}


def test_what_concerns_every_document_ends_the_part_and_leaves_nothing(
    tmp_path: Path, write: Callable[..., list[Part]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str) -> tuple[object, ...]:
        if text == "text 100":
            raise ModelError("The model is gone.")
        return ()

    monkeypatch.setattr("biopipe.text.abbreviations.find_abbreviations", fail)
    inputs: list[int] = []
    with pytest.raises(ModelError, match="is gone"):
        write(_write_rows(tmp_path / "in.parquet", 300), on_inputs=inputs.append)
    assert inputs == [64]  # what stands before the batch that failed, and nothing after it
    assert list((tmp_path / "out").rglob("*.parquet")) == []
    assert not [each for each in threading.enumerate() if each.name.startswith("lane")]
    assert read_journal(tmp_path / "out") == {}
