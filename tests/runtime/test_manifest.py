import json
import shutil
from pathlib import Path

import pytest

from biopipe.errors import ModelError
from biopipe.runtime.manifest import MODEL_FORMAT, load_manifest


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
