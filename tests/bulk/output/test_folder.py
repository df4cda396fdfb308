import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biopipe.bulk.output.folder import OutputFolder, configuration_hash, open_output_folder
from biopipe.bulk.parts.writer import PartWriter
from biopipe.bulk.tables import TABLES
from biopipe.errors import OutputError
from biopipe.io.run_output.counts import Counts
from biopipe.io.run_output.folder import JOURNAL, SCRATCH, check_run_folder, part_file
from biopipe.io.run_output.journal import Part

CONFIGURATION: dict[str, Any] = {
    "pipeline": {"components": [{"name": "a", "options": (1, 2)}]},
    "biopipe": "1",
}


def _add(folder: OutputFolder, name: str, *, record: bool = True) -> None:
    with PartWriter(folder.path, name) as writer:
        files = writer.publish(documents=0, errors=0)
    part = Part(name, "/in", None, (0, 0), Counts(), files, 0.0)
    if record:
        part.record(folder.path)


def _tables(path: Path) -> list[str]:
    return sorted(f"{file.parent.name}/{file.stem}" for file in path.glob("*/*.parquet"))


def test_a_new_folder_is_made_and_remembers_its_configuration(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    with open_output_folder(path, CONFIGURATION) as folder:
        assert folder.parts == {}
    run = json.loads((path / "run.json").read_text())
    assert run["configuration_hash"] == configuration_hash(CONFIGURATION)
    assert run["finished"] is False
    with open_output_folder(path, CONFIGURATION):
        pass


def test_finished_parts_are_found_again(tmp_path: Path) -> None:
    with open_output_folder(tmp_path, CONFIGURATION) as folder:
        _add(folder, "p")
    with open_output_folder(tmp_path, CONFIGURATION) as folder:
        assert list(folder.parts) == ["p"]
        assert folder.parts["p"].is_whole(tmp_path)


def test_another_configuration_is_refused_by_what_differs(tmp_path: Path) -> None:
    with open_output_folder(tmp_path, CONFIGURATION) as folder:
        _add(folder, "p")
    other = {**CONFIGURATION, "biopipe": "2"}
    with (
        pytest.raises(OutputError, match=r'biopipe was "1" and is now "2".*--restart'),
        open_output_folder(tmp_path, other),
    ):
        pass
    assert len(_tables(tmp_path)) == len(TABLES)


@pytest.mark.parametrize(
    ("components", "sentence"),
    [
        (
            [{"name": "b", "options": [1, 2]}],
            r'pipeline\.components\[0\]\.name was "a" and is now "b"',
        ),
        ([], r"pipeline\.components had 1 entries and now has 0"),
        (
            [{"name": "a", "options": [1, 2], "new": "x" * 99}],
            r"new was null and is now \"x+\.\.\.\)",
        ),
    ],
)
def test_the_difference_is_named_by_its_place(
    tmp_path: Path, components: list[dict[str, Any]], sentence: str
) -> None:
    with open_output_folder(tmp_path, CONFIGURATION) as folder:
        _add(folder, "p")
    other = {**CONFIGURATION, "pipeline": {"components": components}}
    with pytest.raises(OutputError, match=sentence), open_output_folder(tmp_path, other):
        pass


def test_a_run_that_failed_before_its_first_part_does_not_claim_the_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError), open_output_folder(tmp_path, CONFIGURATION):
        raise OSError("the disk is full")
    other = {**CONFIGURATION, "biopipe": "2"}
    with open_output_folder(tmp_path, other) as folder:
        assert folder.parts == {}
    assert json.loads((tmp_path / "run.json").read_text())["configuration"]["biopipe"] == "2"


def test_restart_deletes_what_runs_wrote_and_nothing_else(tmp_path: Path) -> None:
    with open_output_folder(tmp_path, CONFIGURATION) as folder:
        _add(folder, "p")
        _add(folder, "killed", record=False)
        part_file(tmp_path, "mentions", "p").write_bytes(b"damaged later")
    (tmp_path / "notes.txt").write_text("mine")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "documents" / "mine.parquet")
    other = {**CONFIGURATION, "biopipe": "2"}
    with open_output_folder(tmp_path, other, restart=True) as folder:
        assert folder.parts == {}
    assert _tables(tmp_path) == ["documents/mine"]
    assert list((tmp_path / JOURNAL).iterdir()) == []
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert json.loads((tmp_path / "run.json").read_text())["configuration"]["biopipe"] == "2"


def test_files_of_a_part_that_was_never_finished_are_cleared(tmp_path: Path) -> None:
    with open_output_folder(tmp_path, CONFIGURATION) as folder:
        _add(folder, "p")
        _add(folder, "killed", record=False)
        part_file(tmp_path, "mentions", "killed").unlink()  # killed between two renames
        (tmp_path / SCRATCH / "half.documents.parquet").write_bytes(b"PAR1")
    with open_output_folder(tmp_path, CONFIGURATION) as folder:
        assert list(folder.parts) == ["p"]
    assert _tables(tmp_path) == [f"{table}/p" for table in sorted(TABLES)]
    assert list((tmp_path / SCRATCH).iterdir()) == []


@pytest.mark.parametrize("restart", [False, True])
def test_a_folder_of_something_else_is_refused_and_left_alone(
    tmp_path: Path, restart: bool
) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(OutputError, match=r"no biopipe output .it holds thesis.tex"):
        check_run_folder(tmp_path)
    with (
        pytest.raises(OutputError, match="choose another folder"),
        open_output_folder(tmp_path, CONFIGURATION, restart=restart),
    ):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("made", range(6))
def test_a_run_that_was_killed_as_it_began_leaves_a_folder_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: int
) -> None:
    """Killed after so many of its folders were made: scratch, journal and four tables."""

    class Killed(BaseException):
        pass

    real, left = Path.mkdir, [made]

    def mkdir(path: Path, *arguments: Any, **options: Any) -> None:
        if path.parent == tmp_path:
            if not left[0]:
                raise Killed
            left[0] -= 1
        real(path, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", mkdir)
        with pytest.raises(Killed), open_output_folder(tmp_path, CONFIGURATION):
            pass
    assert (tmp_path / "run.json").exists() or not (tmp_path / JOURNAL).exists()
    with open_output_folder(tmp_path, CONFIGURATION) as folder:
        _add(folder, "p")
    assert len(_tables(tmp_path)) == len(TABLES)


@pytest.mark.parametrize("damage", ["", "{", "gone"])
def test_restart_works_where_run_json_is_damaged_or_gone(tmp_path: Path, damage: str) -> None:
    with open_output_folder(tmp_path, CONFIGURATION) as folder:
        _add(folder, "p")
    if damage == "gone":
        (tmp_path / "run.json").unlink()
    else:
        (tmp_path / "run.json").write_text(damage)
    with (
        pytest.raises(OutputError, match="choose another folder"),
        open_output_folder(tmp_path, CONFIGURATION),
    ):
        pass
    with open_output_folder(tmp_path, {"other": 1}, restart=True) as folder:
        assert folder.parts == {}
    assert _tables(tmp_path) == []


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"kind": "other", "format": 1, "configuration": {}}']
)
def test_a_run_json_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(OutputError, match=r"is not the run\.json of a biopipe run"):
        check_run_folder(tmp_path)


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    with open_output_folder(tmp_path, CONFIGURATION):
        pass
    run = tmp_path / "run.json"
    run.write_text(json.dumps(json.loads(run.read_text()) | {"format": 99}))
    with pytest.raises(OutputError, match=r"format 99, newer than 1; upgrade"):
        check_run_folder(tmp_path)


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "out"
    file.write_text("")
    with pytest.raises(OutputError, match="is a file"):
        check_run_folder(file)
    with (
        pytest.raises(OutputError, match="cannot be made"),
        open_output_folder(file / "below", CONFIGURATION),
    ):
        pass


def test_a_write_that_fails_is_one_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match=r"No space left.*finished parts are kept"),
        open_output_folder(tmp_path, CONFIGURATION),
    ):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError()]
)
def test_a_run_that_stops_leaves_nothing_half_made(tmp_path: Path, error: BaseException) -> None:
    def stop_half_way() -> None:
        with open_output_folder(tmp_path, CONFIGURATION) as folder:
            _add(folder, "finished")
            _add(folder, "half", record=False)
            part_file(tmp_path, "errors", "half").unlink()
            (tmp_path / SCRATCH / "b.mentions.parquet").write_bytes(b"PAR1")
            (tmp_path / SCRATCH / "attempt").mkdir()
            raise error

    with pytest.raises((OutputError, KeyboardInterrupt, ValueError)):
        stop_half_way()
    assert _tables(tmp_path) == [f"{table}/finished" for table in sorted(TABLES)]
    assert list((tmp_path / SCRATCH).iterdir()) == []


def test_damaged_parts_are_named_and_taken_out(tmp_path: Path) -> None:
    with open_output_folder(tmp_path, CONFIGURATION) as folder:
        for name in ("cut", "flipped", "forgotten", "gone", "whole"):
            _add(folder, name)
    cut, flipped = part_file(tmp_path, "errors", "cut"), part_file(tmp_path, "documents", "flipped")
    cut.write_bytes(cut.read_bytes()[:-1])
    content = bytearray(flipped.read_bytes())
    content[20] ^= 1
    flipped.write_bytes(content)
    part_file(tmp_path, "relations", "gone").unlink()
    (tmp_path / JOURNAL / "forgotten.json").write_text("{")
    with open_output_folder(tmp_path, CONFIGURATION) as folder:
        assert folder.drop_damaged() == ["cut", "flipped", "forgotten", "gone"]
        assert list(folder.parts) == ["whole"]
    assert _tables(tmp_path) == [f"{table}/whole" for table in sorted(TABLES)]


def test_the_hash_does_not_depend_on_the_order_of_keys() -> None:
    assert configuration_hash({"a": 1, "b": {"c": 2, "d": 3}}) == configuration_hash(
        {"b": {"d": 3, "c": 2}, "a": 1}
    )
    assert configuration_hash({"a": 1}) != configuration_hash({"a": 2})
