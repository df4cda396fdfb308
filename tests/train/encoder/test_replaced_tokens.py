import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

import torch
from transformers import AutoModel, AutoModelForTokenClassification

from biopipe.train.encoder.blocks import open_blocks
from biopipe.train.encoder.replaced_tokens import ReplacedTokenModel, replaced_token_objective
from biopipe.train.encoder.start import load_masked_language_model


@pytest.fixture
def model(tiny_bert: Path) -> ReplacedTokenModel:
    generator, encoder = (
        load_masked_language_model(str(tiny_bert), tiny_bert / "tokenizer.json") for _ in range(2)
    )
    return ReplacedTokenModel(generator, encoder.bert)


def test_replaced_tokens_are_found_better_than_by_chance(train_tiny: Callable[..., Path]) -> None:
    out = train_tiny(tokens=60_000, objective="replaced-tokens", learning_rate=1e-3)
    first, last = json.loads((out / "history.json").read_text())
    assert last["piece"] < first["piece"]
    # Of about a thousand replaced tokens; chance is 0.5 with a deviation of 0.01.
    assert last["detection"] > 0.6
    # A tagger starts from what was trained, not from new weights.
    encoder = AutoModel.from_pretrained(out)
    tagger = AutoModelForTokenClassification.from_pretrained(out, num_labels=3)
    assert torch.equal(
        tagger.bert.encoder.layer[1].output.dense.weight,
        encoder.encoder.layer[1].output.dense.weight,
    )


def test_generator_and_encoder_share_embeddings_and_nothing_else(
    model: ReplacedTokenModel,
) -> None:
    shared = {id(p) for p in model.generator.parameters()} & {
        id(p) for p in model.bert.parameters()
    }
    assert shared == {id(p) for p in model.bert.embeddings.parameters()}
    assert model.generator.cls.predictions.decoder.weight is (
        model.bert.embeddings.word_embeddings.weight
    )


def test_a_detector_that_knows_nothing_is_at_chance(
    model: ReplacedTokenModel, blocks_folder: Path
) -> None:
    text = open_blocks(blocks_folder, length=32)
    torch.nn.init.zeros_(model.out.weight)
    model.out.bias.data.zero_()
    objective = replaced_token_objective(model, text)
    loss = objective.loss(text.learned[:8], 1)
    loss.backward()
    # Of an even guess the binary cross-entropy is ln 2, and fifty of it are added.
    assert float(loss.detach()) == pytest.approx(
        50 * np.log(2) + np.log(model.generator.config.vocab_size), rel=0.1
    )
    assert 0.35 < objective.scores()["detection"] < 0.65
