"""`biopipe run --to`: the tables, and the documents in a format of others beside them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Invoke = Callable[..., Result]
DATA = Path(__file__).parents[1] / "data"
NOTE = "Medications:\nmetoprolol succ 25 mg PO BID\n\nVitals: BP 128/72, HR {}\n"
COMPONENTS = {
    "biopipe_sections": None,
    "biopipe_measurements": None,
    "biopipe_medications": {"kb": ""},
}


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.txt").write_text(NOTE.format(60 + number), encoding="utf-8")
    return folder


def configured(tmp_path: Path, name: str, components: dict[str, object]) -> Path:
    path = tmp_path / f"{name}.json"
    path.write_text(json.dumps({"components": components}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("to", "file", "lines"),
    [("fhir", "fhir.ndjson", 4), ("omop", "note_nlp.csv", 17), ("jsonl", "documents.jsonl", 4)],
)
def test_a_run_writes_what_convert_writes(
    invoke: Invoke, tmp_path: Path, notes: Path, to: str, file: str, lines: int
) -> None:
    out = tmp_path / "out"
    options = ("-o", out, "--pipeline", configured(tmp_path, "p", COMPONENTS), "--workers", 0)
    result = invoke("run", notes, *options, "--to", to, "--json")
    assert result.exit_code == 0, result.output
    export = json.loads(result.stdout)["export"]
    assert (export["file"], export["documents"]) == (str(out / file), 4)
    written = (out / file).read_bytes()
    assert len(written.splitlines()) == lines
    converted = invoke("convert", out, "--to", to, "-o", tmp_path / f"again{Path(file).suffix}")
    assert converted.exit_code == 0, converted.output
    assert (tmp_path / f"again{Path(file).suffix}").read_bytes() == written
    again = invoke("run", notes, *options, "--to", to)
    assert "Nothing to do" in again.stdout
    assert file in again.stdout
    assert (out / file).read_bytes() == written


def test_a_killed_run_goes_on_to_the_same_bytes(
    invoke: Invoke, tmp_path: Path, notes: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    poison = {"biopipe_poison": {"seen": str(tmp_path)}, **COMPONENTS}
    pipeline = configured(tmp_path, "p", poison)
    (notes / "1.txt").write_text("wait gate", encoding="utf-8")
    command = [sys.executable, "-m", "biopipe", "run", notes, "--pipeline", pipeline]
    command += ["--workers", "0", "--to", "fhir", "-o"]
    paths = [*(str(DATA / name) for name in ("poison", "no_torch"))]
    paths += [os.environ["PYTHONPATH"]] if "PYTHONPATH" in os.environ else []
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    process = subprocess.Popen([*command, killed], env=environment)
    while process.poll() is None and not (tmp_path / "gate.waiting").exists():
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert len(os.listdir(killed / "journal")) == 1
    assert not (killed / "fhir.ndjson").exists()
    (tmp_path / "gate").touch()
    for out in (killed, whole):
        subprocess.run([*command, out], env=environment, check=True, capture_output=True)
    assert (killed / "fhir.ndjson").read_bytes() == (whole / "fhir.ndjson").read_bytes()


def test_a_format_that_is_none_is_refused_before_anything_runs(
    invoke: Invoke, tmp_path: Path, notes: Path
) -> None:
    result = invoke("run", notes, "-o", tmp_path / "out", "--to", "hl7")
    assert result.exit_code == 1
    assert "'hl7' names no format to convert to; give --to " in result.stderr
    assert not (tmp_path / "out").exists()
