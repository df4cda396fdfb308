"""What a training run starts from: found by name, and refused in one sentence where it is broken."""

import json
import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

pytest.importorskip("torch", reason="needs the extra 'train'", exc_type=ImportError)

import huggingface_hub
import torch

from biopipe.errors import ConfigError
from biopipe.runtime.model_packs import install_model
from biopipe.testing import tiny_model
from biopipe.train.common.averaging import RunningMean
from biopipe.train.common.base import resolve_base, save_tokenizer
from biopipe.train.common.checkpoint import CHECKPOINT_FILE, TrainingState
from biopipe.train.common.restore import restored
from biopipe.train.common.schedule import Schedule
from biopipe.train.ner.trainer import _load


@pytest.fixture
def checkpoint(tiny_tagger_checkpoint: Path, tmp_path: Path) -> Path:
    """A copy that a test may break."""
    return Path(shutil.copytree(tiny_tagger_checkpoint, tmp_path / "checkpoint"))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A hub on this machine that knows no model."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", address)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    yield
    server.shutdown()
    server.server_close()


def test_names_of_models_that_ship_or_were_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIOPIPE_HOME", str(tmp_path / "home"))
    install_model(tiny_model("tiny-tagger"), name="mine")
    assert resolve_base("mine") == str(tmp_path / "home" / "models" / "mine")
    assert resolve_base("biopipe-ner-minilm").endswith("models/biopipe-ner-minilm")


def test_a_shipped_tagger_goes_on_with_fewer_labels(tmp_path: Path) -> None:
    base = restored(
        resolve_base("biopipe-ner-minilm"), tmp_path / "base", task="token-classification"
    )
    model = _load(base, ["Disease"], {"": (101,)}, None, bf16=False)
    assert model.config.num_labels == 3


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("config.json", b'{"model_type": "bert"', r"config\.json is not JSON"),
        ("config.json", b"[]", r"config\.json is not a JSON object"),
        ("config.json", b'{"model_type": "nosuch"}', "cannot be read"),
        ("config.json", None, r"has no config\.json"),
        ("model.safetensors", b"xx", "cannot be read .*header"),
        ("model.safetensors", None, r"has no model\.safetensors"),
    ],
)
def test_broken_checkpoints(
    checkpoint: Path, file: str, content: bytes | None, message: str
) -> None:
    assert resolve_base(str(checkpoint)) == str(checkpoint)
    (checkpoint / file).unlink()
    if content is not None:
        (checkpoint / file).write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        resolve_base(str(checkpoint))


def test_a_checkpoint_that_was_cut_off(checkpoint: Path) -> None:
    weights = checkpoint / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ConfigError, match="not fully covered"):
        resolve_base(str(checkpoint))


def test_a_checkpoint_without_a_tokenizer(checkpoint: Path, tmp_path: Path) -> None:
    (checkpoint / "tokenizer.json").unlink()
    (checkpoint / "vocab.txt").unlink(missing_ok=True)
    with pytest.raises(ConfigError, match=r"has no tokenizer\.json"):
        save_tokenizer(str(checkpoint), tmp_path)


def test_weights_of_other_sizes_do_not_start_anew_in_silence(checkpoint: Path) -> None:
    config = json.loads((checkpoint / "config.json").read_text())
    config["intermediate_size"] *= 2
    (checkpoint / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match=r"not of the size that its config\.json gives"):
        _load(str(checkpoint), ["Disease"], {"": (2,)}, None, bf16=False)


def test_folders_that_are_not_there() -> None:
    for name in ("/nowhere/at/all", "./nowhere", "a/b/c"):
        with pytest.raises(ConfigError, match="There is no folder"):
            resolve_base(name)


@pytest.mark.usefixtures("hub")
def test_an_id_that_the_hub_does_not_have() -> None:
    with pytest.raises(ConfigError, match="no model on the hub called 'nobody/nothing'"):
        resolve_base("nobody/nothing")
    with pytest.raises(ConfigError, match=r"no model on the hub called 'a--b\.\.c'"):
        resolve_base("a--b..c")


def test_a_hub_that_does_not_answer(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(ConfigError, match=r"http://127\.0\.0\.1:9 cannot be asked for one"):
        resolve_base("nobody/nothing")
    snapshot = tmp_path / "hub" / "models--some--model" / "snapshots" / "abc"
    shutil.copytree(checkpoint, snapshot)
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text("abc")
    assert resolve_base("some/model") == str(snapshot)


def test_a_broken_state_of_a_run(tmp_path: Path) -> None:
    model = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters())
    state = TrainingState(model, RunningMean(model, 0.0), optimizer, Schedule(1, 1e-3), 10)
    state.save(tmp_path, 3)
    assert state.resume(tmp_path) == 3
    path = tmp_path / CHECKPOINT_FILE
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(ConfigError, match=r"cannot be read .*remove it to start anew"):
        state.resume(tmp_path)
