"""Adapted encoders as model directories to train on."""

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoModelForMaskedLM
from typer.testing import CliRunner

from biopipe.cli import app
from biopipe.errors import ModelError
from biopipe.runtime.manifest import load_manifest
from biopipe.train.common.restore import restored
from biopipe.train.export.encoder import export_encoder, is_encoder
from biopipe.train.export.sample import parity_sample
from biopipe.train.export.task import ModelDescription
from biopipe.train.linking.biencoder import BiEncoderModel, save_biencoder

ABOUT = ModelDescription("field-encoder", base_model="tiny")


@pytest.fixture(scope="module")
def checkpoint(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.encoder.trainer import EncoderTask, train_encoder

    return train_encoder(
        lambda: [" ".join(["aspirin lowers the risk of cancer."] * 60)] * 60,
        str(tiny_bert),
        tmp_path_factory.mktemp("encoder") / "out",
        EncoderTask(2000, block=32, batch_tokens=512),
        schedule=Schedule(1, 3e-3),
        log=lambda _: None,
    )


def test_half_the_bytes_are_read_as_the_same_weights(checkpoint: Path, tmp_path: Path) -> None:
    manifest = export_encoder(
        str(checkpoint), tmp_path / "model", about=ABOUT, documents=parity_sample(None)
    )
    assert manifest == load_manifest(tmp_path / "model", task="encoder")
    assert manifest.parity["least_cosine"] > 0.999
    assert manifest.metrics[0]["held_out_perplexity"]["piece"] > 1
    weights = tmp_path / "model" / "model.safetensors"
    # As readable as what is written beside it.
    assert weights.stat().st_mode == (tmp_path / "model" / "config.json").stat().st_mode
    stored = load_file(weights)
    assert {value.dtype for value in stored.values()} == {torch.float16}
    whole, read = (
        AutoModelForMaskedLM.from_pretrained(folder) for folder in (checkpoint, tmp_path / "model")
    )
    for (name, one), (_, other) in zip(
        whole.named_parameters(), read.named_parameters(), strict=True
    ):
        assert other.dtype == torch.float32, name
        assert torch.allclose(one, other, atol=1e-3, rtol=1e-3), name


def test_it_is_a_base_as_it_is(checkpoint: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    export_encoder(str(checkpoint), model, about=ABOUT, documents=parity_sample(None))
    assert restored(str(model), tmp_path / "scratch", task="token-classification") == str(model)
    assert not (tmp_path / "scratch").exists()
    assert AutoModel.from_pretrained(model).dtype == torch.float32


def test_weights_that_16_bits_cannot_hold_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    model = AutoModelForMaskedLM.from_pretrained(checkpoint)
    with torch.no_grad():
        model.bert.encoder.layer[0].output.dense.weight.mul_(1e9)
    broken = tmp_path / "broken"
    model.save_pretrained(broken)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (broken / name).write_bytes((checkpoint / name).read_bytes())
    with pytest.raises(ModelError, match="16 bits"):
        export_encoder(str(broken), tmp_path / "model", about=ABOUT, documents=parity_sample(None))
    assert not (tmp_path / "model").exists()


def test_the_command_knows_what_train_encoder_leaves(
    checkpoint: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    assert is_encoder(str(checkpoint))
    assert not is_encoder(str(tmp_path))
    run: Callable[..., object] = CliRunner().invoke
    command = ["model", "export", str(checkpoint), "-o", str(tmp_path / "model")]
    result = run(app, command)
    assert result.exit_code == 0, result.output
    assert "an encoder to train on" in result.output
    again = run(app, command)
    assert again.exit_code != 0
    assert "--force" in again.output
    calibrated = run(app, [*command, "--force", "--calibration-of", "biopipe-ner-minilm"])
    assert calibrated.exit_code != 0
    assert "no scores to calibrate" in calibrated.output
    verified = run(app, ["model", "verify", str(tmp_path / "model")])
    assert "4 files as the manifest says." in verified.output


def test_what_is_trained_from_an_encoder_is_no_encoder(checkpoint: Path, tmp_path: Path) -> None:
    encoder = AutoModel.from_pretrained(checkpoint, add_pooling_layer=False)
    save_biencoder(BiEncoderModel(encoder, pooling="mean"), tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((checkpoint / name).read_bytes())
    model = tmp_path / "model"
    run: Callable[..., object] = CliRunner().invoke
    result = run(app, ["model", "export", str(tmp_path), "-o", str(model), "--precision", "fp32"])
    assert result.exit_code == 0, result.output
    assert load_manifest(model).task == "bi-encoder"
