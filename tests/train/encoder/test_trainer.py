import dataclasses
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import AutoModel

from biopipe.errors import ConfigError
from biopipe.train.common.schedule import Schedule
from biopipe.train.encoder.trainer import EncoderTask, train_encoder

TrainTiny = Callable[..., Path]


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def _stop_at(step: int) -> Callable[[str], None]:
    """A log that stops the run when it reports this step."""

    def log(message: str) -> None:
        if message.startswith(f"step {step}/"):
            raise InterruptedError

    return log


def test_a_killed_process_goes_on_to_the_same_weights(
    tiny_bert: Path, blocks_folder: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "biopipe", "train", "encoder", str(tmp_path / "unread.txt")]
    command += ["--base", str(tiny_bert), "--blocks", str(blocks_folder), "--block", "32"]
    command += ["--objective", "replaced-tokens", "--tokens", "61440", "--batch-tokens", "512"]
    command += ["--parts", "1", "--anneal", "0.3", "-o"]
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    subprocess.run([*command, str(whole)], check=True, timeout=600, capture_output=True)
    process = subprocess.Popen([*command, str(stopped)], stderr=subprocess.DEVNULL)
    while not (stopped / "checkpoint" / "checkpoint.safetensors").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert not (stopped / "model.safetensors").exists()
    again = subprocess.run(
        [*command, str(stopped)], check=True, timeout=600, capture_output=True, text=True
    )
    assert "120 steps in 1 epochs, starting at" in again.stderr
    assert "starting at 0" not in again.stderr
    weights = _weights(whole)
    assert all(torch.equal(weights[name], value) for name, value in _weights(stopped).items())


def test_a_run_can_be_prolonged_until_it_anneals(train_tiny: TrainTiny) -> None:
    with pytest.raises(InterruptedError):
        train_tiny(
            "stopped", tokens=51_200, anneal=0.25, warmup=1.0, warmup_of=10, log=_stop_at(50)
        )
    longer = train_tiny("stopped", tokens=64_000, anneal=0.25, warmup=1.0, warmup_of=10)
    whole = train_tiny("whole", tokens=64_000, anneal=0.25, warmup=1.0, warmup_of=10)
    expected = _weights(whole)
    assert all(torch.equal(expected[name], value) for name, value in _weights(longer).items())

    # At its end its learning rate has fallen, but the state before that was kept.
    with pytest.raises(ConfigError, match="falls from step 94 on, and at step 125 it cannot"):
        train_tiny("stopped", tokens=76_800, anneal=0.25, warmup=1.0, warmup_of=10)
    kept = longer / "checkpoint" / "before-annealing" / "checkpoint.safetensors"
    shutil.copy(kept, longer / "checkpoint")
    lines: list[str] = []
    train_tiny("stopped", tokens=76_800, anneal=0.25, warmup=1.0, warmup_of=10, log=lines.append)
    assert lines[0] == "150 steps in 2 epochs, starting at 94"
    history = json.loads((longer / "history.json").read_text())
    assert [part["tokens"] for part in history] == [32_000, 64_000, 76_800]


def test_a_checkpoint_of_another_objective_is_refused(train_tiny: TrainTiny) -> None:
    train_tiny(tokens=10_240)
    with pytest.raises(ConfigError, match=r"its model\.cls\.\S+ is \(117,\), here it is missing"):
        train_tiny(tokens=10_240, objective="replaced-tokens")
    with pytest.raises(ConfigError, match=r"other settings \(learning_rate\)"):
        train_tiny(tokens=10_240, learning_rate=1e-3)


def test_texts_are_gone_through_again_in_another_order(train_tiny: TrainTiny) -> None:
    from biopipe.train.encoder.trainer import _Batches

    blocks = np.zeros((40, 32), dtype=np.int32)
    task = EncoderTask(tokens=20 * 8 * 32, block=32, batch_tokens=8 * 32)
    batches = _Batches(blocks, task, Schedule(epochs=3, learning_rate=1e-3))
    steps = [rows for part in range(3) for rows in batches.of_part(part)]
    assert len(steps) == 20
    passes = [[row for rows in steps[i : i + 5] for row in rows] for i in (0, 5, 10, 15)]
    assert [sorted(rows) for rows in passes] == [list(range(40))] * 4
    assert len({tuple(rows) for rows in passes}) == 4
    shorter = _Batches(
        blocks, dataclasses.replace(task, tokens=7 * 8 * 32), Schedule(epochs=1, learning_rate=1e-3)
    )
    assert shorter.of_part(0) == steps[:7]


def test_bfloat16_learns_too_and_is_not_fp32(train_tiny: TrainTiny) -> None:
    exact, rounded = train_tiny("a", tokens=15_000), train_tiny("b", tokens=15_000, bf16=True)
    first, last = json.loads((rounded / "history.json").read_text())
    assert last["piece"] < first["piece"]
    assert last["piece"] == pytest.approx(
        json.loads((exact / "history.json").read_text())[-1]["piece"], rel=0.1
    )
    assert any(not torch.equal(_weights(exact)[k], v) for k, v in _weights(rounded).items())
    assert {value.dtype for value in _weights(rounded).values()} == {torch.float32}


def test_a_vocabulary_of_the_field_replaces_the_old_one(
    tiny_bert: Path, tiny_texts: Callable[[], Iterator[str]], tmp_path: Path
) -> None:
    out = train_encoder(
        tiny_texts,
        str(tiny_bert),
        tmp_path / "out",
        EncoderTask(tokens=1024, block=32, batch_tokens=512),
        schedule=Schedule(epochs=1, learning_rate=0.0),
        vocabulary=150,
        log=lambda _: None,
    )
    model, old = AutoModel.from_pretrained(out), AutoModel.from_pretrained(tiny_bert)
    new = Tokenizer.from_file(str(out / "tokenizer.json"))
    before = Tokenizer.from_file(str(tiny_bert / "tokenizer.json"))
    assert len(model.embeddings.word_embeddings.weight) == new.get_vocab_size()
    pieces = before.encode("lowers", add_special_tokens=False).ids
    assert torch.allclose(
        model.embeddings.word_embeddings.weight[new.token_to_id("lowers")],
        old.embeddings.word_embeddings.weight[pieces].mean(dim=0),
        atol=1e-6,
    )
    assert torch.equal(
        model.encoder.layer[0].output.dense.weight, old.encoder.layer[0].output.dense.weight
    )


def test_too_little_text_is_an_error(tiny_bert: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="give more text"):
        train_encoder(
            lambda: ["the gene"],
            str(tiny_bert),
            tmp_path / "o",
            EncoderTask(tokens=100_000),
            schedule=Schedule(epochs=1, learning_rate=1e-3),
            log=lambda _: None,
        )
