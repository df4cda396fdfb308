import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

import torch
from transformers import AutoModel, AutoModelForMaskedLM, AutoTokenizer

from biopipe.train.encoder.blocks import TokenBlocks
from biopipe.train.encoder.masked_language import asked_places, mask_words


def test_perplexity_falls_and_the_checkpoint_is_one_of_transformers(
    train_tiny: Callable[..., Path],
) -> None:
    out = train_tiny(tokens=30_000)
    history = json.loads((out / "history.json").read_text())
    assert [part["tokens"] for part in history] == [15_000, 30_000]
    # Knowing nothing of the text would leave each of the pieces as likely.
    assert history[-1]["piece"] < history[0]["piece"] < 60
    assert history[-1]["word"] > history[-1]["piece"]
    config = AutoModel.from_pretrained(out).config
    assert (config.hidden_size, config.hidden_dropout_prob) == (48, 0.1)
    ids = AutoTokenizer.from_pretrained(out)(
        "aspirin lowers the [MASK] of cancer.", return_tensors="pt"
    )
    assert AutoModelForMaskedLM.from_pretrained(out)(**ids).logits.shape[-1] == len(
        AutoTokenizer.from_pretrained(out)
    )


def test_whole_words_are_masked() -> None:
    # [CLS] a ##b c ##d ##e f [SEP], the pieces 5 to 10 of eleven
    block = np.array([[2, 5, 6, 7, 8, 9, 10, 3]] * 400, dtype=np.int32)
    continues = np.isin(np.arange(11), [6, 8, 9])
    text = TokenBlocks(block, continues, frozenset({0, 1, 2, 3, 4}), mask=4)
    inputs, targets = mask_words(block, text, seed=3)
    asked = (targets >= 0).numpy()
    assert not asked[:, [0, 7]].any()
    assert (asked[:, 1] == asked[:, 2]).all()
    assert (asked[:, 3] == asked[:, 4]).all()
    assert (asked[:, 4] == asked[:, 5]).all()
    assert 0.1 < asked[:, 1:7].mean() < 0.2
    assert (targets.numpy()[asked] == block[asked]).all()
    assert (inputs.numpy()[~asked] == block[~asked]).all()
    shown = inputs.numpy()[asked]
    assert 0.7 < (shown == 4).mean() < 0.9
    assert (shown == block[asked]).any()
    again, _ = mask_words(block, text, seed=3)
    assert torch.equal(again, inputs)
    _, more = mask_words(block, text, seed=3, share=0.6)
    assert 0.5 < (more.numpy()[:, 1:7] >= 0).mean() < 0.7


def test_places_are_filled_up_to_few_numbers_of_them() -> None:
    targets = torch.full((40, 20), -1)
    targets[::2, 3] = 7
    targets[1, 5] = 9
    places, asked = asked_places(targets)
    assert len(places) == len(asked) == 256
    assert asked[:21].tolist() == targets.flatten()[places[:21]].tolist()
    assert sorted(asked[:21].tolist()) == [7] * 20 + [9]
    assert set(asked[21:].tolist()) == {-1}
    assert [len(each) for each in asked_places(torch.full((2, 2), -1))] == [0, 0]
