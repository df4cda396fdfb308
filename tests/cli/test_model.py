import json
import subprocess
import sys
from pathlib import Path


def _biopipe(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "biopipe", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_list_info_and_verify_of_the_shipped_models() -> None:
    listed = _biopipe("model", "list")
    assert listed.returncode == 0, listed.stderr
    assert "biopipe-ner-minilm\t" in listed.stdout
    about = json.loads(_biopipe("model", "info", "biopipe-ner-minilm", "--json").stdout)
    assert about["task"] == "token-classification"
    assert {"Gene", "Disease", "Chemical", "Species", "Variant", "CellLine"} == set(about["labels"])
    assert about["parity"]
    assert "as the manifest says" in _biopipe("model", "verify", "biopipe-relations-shared").stdout


def test_unknown_model_is_one_sentence() -> None:
    result = _biopipe("model", "info", "nix")
    assert result.returncode == 1
    assert (
        result.stderr.strip().startswith("Error: There is no model 'nix'")
        or "no model 'nix'" in result.stderr
    )
    assert "Traceback" not in result.stderr


def test_export_writes_int8_and_fp32(tiny_relation_checkpoint: Path, tmp_path: Path) -> None:
    result = _biopipe("model", "export", str(tiny_relation_checkpoint), "-o", str(tmp_path / "m"))
    assert result.returncode == 0, result.stderr
    for folder, precision in ((tmp_path / "m", "int8"), (tmp_path / "m-fp32", "fp32")):
        manifest = json.loads((folder / "manifest.json").read_text())
        assert manifest["settings"]["precision"] == precision
        assert "changed_decisions" in manifest["parity"]


def test_a_corpus_to_calibrate_on_that_is_not_there_or_too_small(
    tiny_relation_checkpoint: Path, tmp_path: Path
) -> None:
    model, few = tmp_path / "m", tmp_path / "few.jsonl"
    few.write_text('{"id": "1", "text": "Aspirin in asthma."}\n')
    export = ("model", "export", str(tiny_relation_checkpoint), "-o", str(model))
    missing = _biopipe(*export, "--precision", "fp32", "--calibrate", str(tmp_path / "no.json"))
    assert missing.returncode == 1
    assert "There is no corpus file" in missing.stderr
    assert not model.exists()
    small = _biopipe(*export, "--precision", "fp32", "--calibrate", str(few))
    assert small.returncode == 1
    assert "m is written, but not calibrated: only 0 predictions to calibrate on" in small.stderr
    assert (model / "manifest.json").is_file()


def test_variants_in_one_directory_are_timed_in_turn(
    tiny_tagger_checkpoint: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "m"
    exported = _biopipe(
        "model",
        "export",
        str(tiny_tagger_checkpoint),
        "-o",
        str(folder),
        "--precision",
        "int8",
        "--also",
        "fp16",
        "--states-layer",
        "2",
    )
    assert exported.returncode == 0, exported.stderr
    assert exported.stdout.startswith(f"{folder}: int8, fp16, ")
    timed = _biopipe("model", "bench", str(folder), "--documents", "2", "--rounds", "1", "--json")
    assert timed.returncode == 0, timed.stderr
    said = json.loads(timed.stdout)
    assert list(said["variants"]) == ["int8", "fp16"]
    assert said["variants"]["int8"]["times_as_fast"] == 1
    assert all(each["tokens_per_second"] > 0 for each in said["variants"].values())
    missing = _biopipe("model", "bench", str(folder), "--documents", "1", "--variants", "fp32")
    assert (missing.returncode, "no variant 'fp32'" in missing.stderr) == (1, True)
