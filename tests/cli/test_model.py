import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

Invoke = Callable[..., Result]


def test_list_info_and_verify_of_the_shipped_models(invoke: Invoke) -> None:
    listed = invoke("model", "list")
    assert listed.exit_code == 0, listed.stderr
    assert "biopipe-ner-minilm\t" in listed.stdout
    about = json.loads(invoke("model", "info", "biopipe-ner-minilm", "--json").stdout)
    assert about["task"] == "token-classification"
    assert {"Gene", "Disease", "Chemical", "Species", "Variant", "CellLine"} == set(about["labels"])
    assert about["parity"]
    assert "as the manifest says" in invoke("model", "verify", "biopipe-relations-shared").stdout


def test_unknown_model_is_one_sentence(invoke: Invoke) -> None:
    result = invoke("model", "info", "nix")
    assert result.exit_code == 1
    assert (
        result.stderr.strip().startswith("Error: There is no model 'nix'")
        or "no model 'nix'" in result.stderr
    )
    assert "Traceback" not in result.stderr


def test_export_writes_int8_and_fp32(
    invoke: Invoke, tiny_relation_checkpoint: Path, tmp_path: Path
) -> None:
    result = invoke("model", "export", tiny_relation_checkpoint, "-o", tmp_path / "m")
    assert result.exit_code == 0, result.stderr
    for folder, precision in ((tmp_path / "m", "int8"), (tmp_path / "m-fp32", "fp32")):
        manifest = json.loads((folder / "manifest.json").read_text())
        assert manifest["settings"]["precision"] == precision
        assert "changed_decisions" in manifest["parity"]


def test_a_corpus_to_calibrate_on_that_is_not_there_or_too_small(
    invoke: Invoke, tiny_relation_checkpoint: Path, tmp_path: Path
) -> None:
    model, few = tmp_path / "m", tmp_path / "few.jsonl"
    few.write_text('{"id": "1", "text": "Aspirin in asthma."}\n')
    export = ("model", "export", tiny_relation_checkpoint, "-o", model)
    missing = invoke(*export, "--precision", "fp32", "--calibrate", tmp_path / "no.json")
    assert missing.exit_code == 1
    assert "There is no corpus file" in missing.stderr
    assert not model.exists()
    small = invoke(*export, "--precision", "fp32", "--calibrate", few)
    assert small.exit_code == 1
    assert "m is written, but not calibrated: only 0 predictions to calibrate on" in small.stderr
    assert (model / "manifest.json").is_file()


def test_variants_in_one_directory_are_timed_in_turn(
    invoke: Invoke, tiny_tagger_checkpoint: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "m"
    exported = invoke(
        "model",
        "export",
        tiny_tagger_checkpoint,
        "-o",
        folder,
        "--precision",
        "int8",
        "--also",
        "fp16",
        "--states-layer",
        "2",
    )
    assert exported.exit_code == 0, exported.stderr
    assert exported.stdout.startswith(f"{folder}: int8, fp16, ")
    timed = invoke("model", "bench", folder, "--documents", "2", "--rounds", "1", "--json")
    assert timed.exit_code == 0, timed.stderr
    said = json.loads(timed.stdout)
    assert list(said["variants"]) == ["int8", "fp16"]
    assert said["variants"]["int8"]["times_as_fast"] == 1
    assert all(each["tokens_per_second"] > 0 for each in said["variants"].values())
    missing = invoke("model", "bench", folder, "--documents", "1", "--variants", "fp32")
    assert (missing.exit_code, "no variant 'fp32'" in missing.stderr) == (1, True)
