import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biopipe.bulk import run
from biopipe.bulk.tables import TABLES
from biopipe.errors import InputError, OutputError


def _files(output: Path) -> dict[str, bytes]:
    """The bytes of every part file."""
    return {
        f"{table}/{path.name}": path.read_bytes()
        for table in TABLES
        for path in (output / table).iterdir()
    }


def _texts(count: int) -> list[str]:
    return [f"Tumor necrosis factor (TNF) in study {number}." for number in range(count)]


def _ids(output: Path) -> list[str]:
    return sorted(pq.read_table(output / "documents")["id"].to_pylist())


def test_a_second_run_leaves_finished_parts(tmp_path: Path, pipeline: str, write_input) -> None:
    path, output = write_input("a", _texts(5), row_group_size=2), tmp_path / "out"
    first = run([str(path)], output, pipeline=pipeline)
    assert (first.parts, first.inputs, first.counts.documents) == (3, 5, 5)
    before = {
        path: path.stat().st_mtime_ns for table in TABLES for path in (output / table).iterdir()
    }
    second = run([str(path)], output, pipeline=pipeline)
    assert (second.parts, second.parts_before, second.inputs, second.counts.documents) == (
        0,
        3,
        0,
        5,
    )
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_new_inputs_are_added(tmp_path: Path, pipeline: str, write_input) -> None:
    output = tmp_path / "out"
    write_input("a", _texts(3))
    run([str(tmp_path / "in")], output, pipeline=pipeline)
    write_input("b", _texts(2))
    summary = run([str(tmp_path / "in")], output, pipeline=pipeline)
    assert (summary.parts, summary.parts_before, summary.inputs) == (1, 1, 2)
    assert _ids(output) == ["a-0", "a-1", "a-2", "b-0", "b-1"]
    alone = run([str(write_input("c", _texts(1)))], output, pipeline=pipeline)
    assert (alone.parts, alone.counts.documents) == (1, 6)


def test_an_input_that_changed_is_done_again(tmp_path: Path, pipeline: str, write_input) -> None:
    output = tmp_path / "out"
    path = write_input("a", _texts(6), row_group_size=2)
    run([str(path)], output, pipeline=pipeline)
    write_input("a", _texts(3), row_group_size=2)
    summary = run([str(path)], output, pipeline=pipeline)
    assert (summary.parts, summary.parts_redone, summary.counts.documents) == (2, 3, 3)
    assert _ids(output) == ["a-0", "a-1", "a-2"]


@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_a_damaged_part_is_named_and_done_again(
    tmp_path: Path, pipeline: str, write_input, damage: str
) -> None:
    path, output = write_input("a", _texts(4), row_group_size=2), tmp_path / "out"
    run([str(path)], output, pipeline=pipeline)
    before = _files(output)
    part = sorted((output / "documents").iterdir())[0]
    if damage == "cut":
        os.truncate(part, 100)
    elif damage == "flipped":
        content = bytearray(part.read_bytes())
        content[len(content) // 2] ^= 4
        part.write_bytes(content)
    else:
        part.unlink()
    summary = run([str(path)], output, pipeline=pipeline)
    assert (summary.parts, summary.parts_redone, summary.damaged) == (1, 1, (part.stem,))
    assert _files(output) == before
    assert run([str(path)], output, pipeline=pipeline).damaged == ()


def test_another_configuration_is_refused_and_restart_begins_again(
    tmp_path: Path, pipeline: str, write_input
) -> None:
    path, output = write_input("a", _texts(2)), tmp_path / "out"
    run([str(path)], output, pipeline=pipeline)
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"components": {"sentencizer": {}, "biopipe_abbreviations": {}}}))
    with pytest.raises(OutputError, match=r"another configuration .*--restart"):
        run([str(path)], output, pipeline=str(other))
    summary = run([str(path)], output, pipeline=str(other), restart=True)
    assert (summary.parts, summary.parts_before, summary.counts.documents) == (1, 0, 2)


def test_inputs_that_went_away_stay_and_are_named(
    tmp_path: Path, pipeline: str, write_input
) -> None:
    output = tmp_path / "out"
    gone, _ = write_input("a", _texts(3), row_group_size=2), write_input("b", _texts(2))
    assert run([str(tmp_path / "in")], output, pipeline=pipeline).missing_inputs == ()
    gone.rename(tmp_path / "in" / "moved.parquet")
    summary = run([str(tmp_path / "in")], output, pipeline=pipeline)
    assert summary.missing_inputs == (str(gone),)
    assert (summary.parts, summary.counts.documents) == (2, 8)
    stored = json.loads((output / "run.json").read_text())["summary"]
    assert stored["missing_inputs"] == [str(gone)]
    fresh = run([str(tmp_path / "in")], output, pipeline=pipeline, restart=True)
    assert (fresh.missing_inputs, fresh.counts.documents) == ((), 5)


def test_a_run_whose_inputs_all_failed_says_so(tmp_path: Path, pipeline: str, write_input) -> None:
    bad, output = write_input("a", [None, None]), tmp_path / "out"
    assert run([str(bad)], output, pipeline=pipeline).all_failed
    assert run([str(bad)], output, pipeline=pipeline).all_failed
    assert not run([str(write_input("b", _texts(1)))], output, pipeline=pipeline).all_failed
    assert not run([str(bad)], output, pipeline=pipeline).all_failed
    assert run([str(write_input("c", [None]))], output, pipeline=pipeline).all_failed


def test_run_json_says_what_was_done_with_what(tmp_path: Path, pipeline: str, write_input) -> None:
    output = tmp_path / "out"
    run([str(write_input("a", ["one", None]))], output, pipeline=pipeline)
    content = json.loads((output / "run.json").read_text())
    assert content["finished"] is True
    assert (
        content["configuration"]["pipeline"]["components"][0]["factory"] == "biopipe_abbreviations"
    )
    assert {"python", "biopipe", "onnxruntime"} <= set(content["versions"])
    assert (content["summary"]["documents"], content["summary"]["errors"]) == (1, 1)
    (part,) = content["parts"].values()
    assert part == {
        "input": str(tmp_path / "in" / "a.parquet"),
        "row_group": 0,
        "first_row": 0,
        "documents": 1,
        "errors": 1,
    }


def test_the_output_folder_is_no_input(tmp_path: Path, pipeline: str, write_input) -> None:
    write_input("a", _texts(2))
    output = tmp_path / "in" / "out"
    run([str(tmp_path / "in")], output, pipeline=pipeline)
    assert run([str(tmp_path / "in")], output, pipeline=pipeline).parts == 0
    with pytest.raises(InputError, match="inside the output folder"):
        run([str(output)], output, pipeline=pipeline)


def test_repeated_ids_are_counted_and_kept(tmp_path: Path, pipeline: str) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"id": ["x", "y", "x", "x"], "text": _texts(4)}), path, row_group_size=2
    )
    summary = run([str(path)], tmp_path / "out", pipeline=pipeline)
    assert summary.repeated_ids == 2
    assert _ids(tmp_path / "out") == ["x", "x", "x", "y"]


def test_columns_that_no_input_has_are_an_error_before_anything_is_written(
    tmp_path: Path, pipeline: str, write_input
) -> None:
    write_input("a", _texts(1))
    with pytest.raises(
        InputError, match="no column 'body' for the text; its columns are: id, text"
    ):
        run([str(tmp_path / "in")], tmp_path / "out", pipeline=pipeline, text_column="body")
    assert not (tmp_path / "out").exists()


def test_columns_that_one_of_the_inputs_lacks_are_error_rows(
    tmp_path: Path, pipeline: str, write_input
) -> None:
    write_input("b", _texts(2))
    pq.write_table(
        pa.table({"id": ["1", "2", "3"], "body": _texts(3)}), tmp_path / "in" / "a.parquet"
    )
    summary = run([str(tmp_path / "in")], tmp_path / "out", pipeline=pipeline)
    assert (
        summary.counts.inputs,
        summary.counts.documents,
        summary.failed,
        summary.counts.errors,
    ) == (
        5,
        2,
        3,
        1,
    )
    assert "no column 'text'" in summary.first_errors[0]
