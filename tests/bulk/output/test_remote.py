"""Runs whose inputs and outputs are addresses; fsspec's own memory stands for a store."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pyarrow.parquet as pq
import pytest

from biopipe.bulk import run
from biopipe.bulk.output.remote import RemoteOutput, working_folder
from biopipe.bulk.plan import RunPlan
from biopipe.bulk.runner import make_plan
from biopipe.errors import ConfigError, InputError, OutputError
from biopipe.io.run_output.folder import RUN_TABLES

Store = Any
LINES = b'{"id": 1.0, "text": "Tumor necrosis factor (TNF)."}\n{"id": 2, "text": null}\n'


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Store]:
    """An empty store behind memory://, and a cache folder of the test's own."""
    monkeypatch.setenv("BIOPIPE_CACHE", str(tmp_path / "cache"))
    memory = fsspec.filesystem("memory")
    yield memory
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]


def _files(store: Store, folder: str) -> dict[str, bytes]:
    return {path: store.cat_file(path) for path in store.find(folder)}


def test_from_address_to_address(store: Store, pipeline: str, tmp_path: Path) -> None:
    store.pipe("/in/deep/a.jsonl", LINES)
    store.pipe("/in/_hidden.jsonl", LINES)
    store.pipe("/in/read.me", b"no input")
    summary = run(["memory://in"], "memory://out/one", pipeline=pipeline)
    assert (summary.output, summary.inputs, summary.documents) == ("memory://out/one", 2, 1)
    content = json.loads(store.cat_file("/out/one/run.json"))
    assert content["finished"]
    assert content["summary"]["output"] == "memory://out/one"
    (part,) = content["parts"]
    assert content["parts"][part]["input"] == "memory://in/deep/a.jsonl"
    assert sorted(_files(store, "/out/one")) == sorted(
        [f"/out/one/{table}/{part}.parquet" for table in RUN_TABLES]
        + [f"/out/one/journal/{part}.json", "/out/one/run.json"]
    )
    for table, row in (("documents", 0), ("errors", 1)):
        with store.open(f"/out/one/{table}/{part}.parquet") as stream:
            (found,) = pq.read_table(stream).to_pylist()
        assert (found["input"], found["row"]) == ("memory://in/deep/a.jsonl", row)
    assert not working_folder("memory://out/one").exists()
    assert not Path("memory:").exists()


@pytest.mark.slow
def test_worker_processes_see_what_this_process_fetched(store: Store, pipeline: str) -> None:
    store.pipe("/in/a.jsonl", LINES)
    store.pipe("/in/b.jsonl", LINES)
    summary = run(["memory://in/*.jsonl"], "memory://out", pipeline=pipeline, workers=2)
    assert (summary.parts, summary.documents) == (2, 2)


def test_another_machine_goes_on_with_what_is_missing(
    store: Store, pipeline: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store.pipe("/in/a.jsonl", LINES)
    run(["memory://in"], "memory://out", pipeline=pipeline)
    before = _files(store, "/out")
    monkeypatch.setenv("BIOPIPE_CACHE", str(tmp_path / "elsewhere"))
    store.pipe("/in/b.jsonl", LINES)
    summary = run(["memory://in"], "memory://out", pipeline=pipeline)
    assert (summary.parts, summary.parts_before, summary.documents) == (1, 1, 1)
    after = _files(store, "/out")
    assert {name: after[name] for name in before if "run.json" not in name} == {
        name: content for name, content in before.items() if "run.json" not in name
    }
    assert len(after) == len(before) + len(RUN_TABLES) + 1


def test_a_changed_input_is_read_again(store: Store, pipeline: str) -> None:
    store.pipe("/in/a.jsonl", LINES)
    run(["memory://in"], "memory://out", pipeline=pipeline)
    store.pipe("/in/a.jsonl", LINES.replace(b"null", b'"x"'))
    summary = run(["memory://in"], "memory://out", pipeline=pipeline)
    assert (summary.parts, summary.parts_redone, summary.documents) == (1, 1, 2)


def test_a_run_that_was_cut_off_left_whole_parts(
    store: Store, pipeline: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.pipe("/in/a.jsonl", LINES)
    store.pipe("/in/b.jsonl", LINES)
    send_part, sent = RemoteOutput.send_part, []

    def fail_at_the_second(self: RemoteOutput, part: Any) -> None:
        if sent:
            raise OutputError("the network is gone")
        sent.append(part.name)
        send_part(self, part)

    monkeypatch.setattr(RemoteOutput, "send_part", fail_at_the_second)
    with pytest.raises(OutputError, match="the network is gone"):
        run(["memory://in"], "memory://out", pipeline=pipeline)
    assert json.loads(store.cat_file("/out/run.json"))["finished"] is False
    assert [Path(name).stem for name in store.find("/out/journal")] == sent
    monkeypatch.undo()


def test_restart_deletes_there_what_it_deletes_here(
    store: Store, pipeline: str, tmp_path: Path
) -> None:
    store.pipe("/in/a.jsonl", LINES)
    store.pipe("/in/b.jsonl", LINES)
    run(["memory://in"], "memory://out", pipeline=pipeline)
    store.pipe("/out/notes.txt", b"mine")
    with pytest.raises(OutputError, match="another configuration"):
        run(["memory://in"], "memory://out", pipeline=pipeline, limit=1)
    summary = run(["memory://in"], "memory://out", pipeline=pipeline, limit=1, restart=True)
    assert (summary.parts, summary.inputs) == (1, 1)
    assert len(store.find("/out/journal")) == len(store.find("/out/documents")) == 1
    assert store.cat_file("/out/notes.txt") == b"mine"


def test_a_folder_of_something_else_is_left_alone(store: Store, pipeline: str) -> None:
    store.pipe("/in/a.jsonl", LINES)
    store.pipe("/out/thesis.tex", b"years of work")
    with pytest.raises(OutputError, match=r"no biopipe output \(it holds thesis.tex"):
        run(["memory://in"], "memory://out", pipeline=pipeline, restart=True)
    assert store.find("/out") == ["/out/thesis.tex"]


def test_the_output_is_no_input_of_the_next_run(store: Store, pipeline: str) -> None:
    store.pipe("/in/a.jsonl", LINES)
    run(["memory://in"], "memory://in/out", pipeline=pipeline)
    assert run(["memory://in"], "memory://in/out", pipeline=pipeline).parts == 0


def test_what_cannot_be_opened_is_a_sentence(store: Store, pipeline: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="memory://nowhere names no file"):
        run(["memory://nowhere"], tmp_path / "out", pipeline=pipeline)
    with pytest.raises(InputError, match="Protocol not known: gopher"):
        run(["gopher://host/x.csv"], tmp_path / "out", pipeline=pipeline)
    with pytest.raises(OutputError, match="address of 's3' and no path"):
        run(["memory://in"], Path("s3://bucket/out"), pipeline=pipeline)
    assert not (tmp_path / "out").exists()
    assert not Path("s3:").exists()


@pytest.mark.parametrize("address", ["inputs", "output"])
def test_ray_is_refused_before_anything_starts(address: str, tmp_path: Path) -> None:
    inputs = ["s3://key:secret@bucket/in"] if address == "inputs" else ["in"]
    output = "s3://key:secret@bucket/in" if address == "output" else str(tmp_path)
    with pytest.raises(ConfigError, match=r"nothing of s3://bucket/in; give paths") as caught:
        make_plan(inputs, output, engine="ray")
    assert "secret" not in str(caught.value)


def test_a_plan_of_a_path_is_absolute() -> None:
    assert make_plan(["a"], "b") == RunPlan(inputs=("a",), output=Path("b").absolute())


@pytest.mark.slow
def test_the_command_takes_addresses(tmp_path: Path, pipeline: str) -> None:
    """file:// is one, and other processes see it too."""
    source = tmp_path / "in" / "a.jsonl"
    source.parent.mkdir()
    source.write_bytes(LINES)
    output = f"file://{tmp_path}/out"
    environment = os.environ | {"BIOPIPE_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "biopipe", "run", f"file://{tmp_path}/in", "-o", output]
    done = subprocess.run(
        [*command, "--pipeline", pipeline, "--json"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["output"] == output
    assert (tmp_path / "out" / "run.json").is_file()
    assert not (tmp_path / "file:").exists()
