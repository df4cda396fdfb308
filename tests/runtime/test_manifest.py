import json
import shutil
from pathlib import Path

import pytest

from biopipe.errors import ModelError
from biopipe.runtime.manifest import MODEL_FORMAT, load_manifest, verified_bytes
from biopipe.runtime.models import graph_file
from biopipe.runtime.opened import open_model


@pytest.fixture
def model(tiny_tagger: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_tagger, tmp_path / "model"))


def _rewrite(model: Path, **changes: object) -> None:
    path = model / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_good_model_loads_with_its_labels(model: Path) -> None:
    manifest = load_manifest(model, task="token-classification")
    assert manifest.labels == ("Gene", "Disease", "Chemical", "Species", "Variant", "CellLine")
    assert manifest.parity["max_logit_difference"] < 1e-3


def test_missing_file_is_named(model: Path) -> None:
    (model / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"tokenizer\.json is missing"):
        load_manifest(model)


def test_altered_file_of_the_same_size_is_found(model: Path) -> None:
    raw = bytearray((model / "model.onnx").read_bytes())
    raw[len(raw) // 2] ^= 1
    (model / "model.onnx").write_bytes(raw)
    with pytest.raises(ModelError, match="sha256 differs"):
        load_manifest(model)


def test_newer_format_says_upgrade(model: Path) -> None:
    _rewrite(model, format=MODEL_FORMAT + 1)
    with pytest.raises(ModelError, match=f"format {MODEL_FORMAT + 1}.*upgrade biopipe"):
        load_manifest(model)


def test_wrong_task_says_which_is_wanted(model: Path) -> None:
    with pytest.raises(ModelError, match="does token-classification; give one that does relation"):
        load_manifest(model, task="relation")


def test_no_manifest_and_broken_manifest(model: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"no manifest\.json"):
        load_manifest(tmp_path / "empty")
    (model / "manifest.json").write_text("{")
    with pytest.raises(ModelError, match="Cannot read"):
        load_manifest(model)


def test_hash_changes_with_what_the_model_answers(model: Path) -> None:
    before = load_manifest(model).hash
    _rewrite(model, calibration={"slope": 1.0, "intercept": 0.5})
    assert load_manifest(model).hash != before
    _rewrite(model, calibration={}, metrics=[{"name": "f1", "value": 0.5}])
    assert load_manifest(model).hash == before


@pytest.mark.parametrize(
    ("field", "value"),
    [("settings", 5), ("variants", []), ("max_length", "512"), ("metrics", "x"), ("name", None)],
)
def test_fields_of_another_shape_are_refused(
    tiny_tagger: Path, tmp_path: Path, field: str, value: object
) -> None:
    folder = Path(shutil.copytree(tiny_tagger, tmp_path / "model"))
    fields = json.loads((folder / "manifest.json").read_text()) | {field: value}
    (folder / "manifest.json").write_text(json.dumps(fields))
    with pytest.raises(ModelError, match=f"as '{field}'; export the model again"):
        load_manifest(folder)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_file_that_no_manifest_names_is_not_opened(
    tiny_tagger: Path, tmp_path: Path, name: str
) -> None:
    folder = Path(shutil.copytree(tiny_tagger, tmp_path / "model"))
    fields = json.loads((folder / "manifest.json").read_text())
    del fields["files"][name]
    (folder / "manifest.json").write_text(json.dumps(fields))
    opened = open_model(folder)
    with pytest.raises(ModelError, match=f"names no file '{name}'"):
        _ = (opened.tokenizer(), opened.session())


@pytest.mark.parametrize("place", ["../other/model.onnx", "/dev/zero", "sub/model.onnx"])
def test_a_variant_outside_of_the_folder_is_not_opened(
    tiny_tagger: Path, tmp_path: Path, place: str
) -> None:
    folder = Path(shutil.copytree(tiny_tagger, tmp_path / "model"))
    fields = json.loads((folder / "manifest.json").read_text())
    fields["variants"] = {"fp16": {"file": place}}
    (folder / "manifest.json").write_text(json.dumps(fields))
    with pytest.raises(ModelError, match="no plain name of a file"):
        graph_file(folder, load_manifest(folder), device="cuda")


def test_a_file_that_was_replaced_after_opening_is_an_error(
    tiny_tagger: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_tagger, tmp_path / "model"))
    manifest = load_manifest(folder)
    assert verified_bytes(folder, manifest, "tokenizer.json")
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match="is another one than when its model was opened"):
        verified_bytes(folder, manifest, "tokenizer.json")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"labels": "Gene"}, "'labels' is Gene"),
        ({"labels": ["Gene", None]}, "no list of names"),
        ({"labels": ["Gene", "Gene"]}, "names a label twice"),
        ({"labels": ["Gene"]}, "other than those of its tags"),
        ({"max_length": -5}, "-5 as 'max_length'"),
        ({"max_length": 0}, "0 as 'max_length'"),
        ({"max_length": 10**30}, "as 'max_length'"),
        ({"stride": 511}, "511 as 'stride' of windows of 512 tokens"),
        ({"stride": -1}, "-1 as 'stride'"),
        ({"calibration": {"Gene": "x"}}, "slope and the intercept"),
        ({"calibration": {"slope": 1.0, "intercept": 0.0, "labels": {"Gene": []}}}, "slope and"),
        ({"settings": {"thresholds": {"Gene": 0.5}}}, "no 'tags'"),
        ({"format": True}, "names no 'format' number"),
        ({"format": -1}, "has format -1"),
    ],
)
def test_values_that_no_predictor_can_work_with(
    model: Path, fault: dict[str, object], said: str
) -> None:
    _rewrite(model, **fault)
    with pytest.raises(ModelError, match=said):
        load_manifest(model)


@pytest.mark.parametrize(
    ("name", "value"), [("thresholds", {"Gene": "high"}), ("thresholds", [1]), ("agreement", "x")]
)
def test_settings_that_cannot_be_read_are_named(model: Path, name: str, value: object) -> None:
    settings = json.loads((model / "manifest.json").read_text())["settings"]
    _rewrite(model, settings={**settings, name: value})
    with pytest.raises(ModelError, match=f"has '{name}' in its 'settings' that cannot be read"):
        load_manifest(model)
