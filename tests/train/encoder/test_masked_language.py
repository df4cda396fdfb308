import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

import torch
from tokenizers import Tokenizer
from transformers import AutoModel, AutoModelForMaskedLM, AutoTokenizer

from biopipe.errors import ConfigError
from biopipe.train.common.loop import Schedule
from biopipe.train.encoder.masked_language import Text, mask_words, mixed_texts, train_encoder
from biopipe.train.encoder.vocabulary import learn_vocabulary

SENTENCES = ["aspirin lowers the risk of cancer.", "the gene of the disease in patients"]
TEXTS = [" ".join(SENTENCES * 40)] * 60


def test_perplexity_falls_and_the_checkpoint_is_one_of_transformers(
    tiny_bert: Path, tmp_path: Path
) -> None:
    out = train_encoder(
        TEXTS,
        str(tiny_bert),
        tmp_path / "out",
        schedule=Schedule(epochs=2, learning_rate=3e-3),
        tokens=30_000,
        block=32,
        batch_tokens=512,
        log=lambda _: None,
    )
    history = json.loads((out / "history.json").read_text())
    assert [part["tokens"] for part in history] == [15_000, 30_000]
    # Knowing nothing of the text would leave each of the pieces as likely.
    assert history[-1]["piece"] < history[0]["piece"] < 60
    assert history[-1]["word"] > history[-1]["piece"]
    assert AutoModel.from_pretrained(out).config.hidden_size == 48
    ids = AutoTokenizer.from_pretrained(out)(
        "aspirin lowers the [MASK] of cancer.", return_tensors="pt"
    )
    assert AutoModelForMaskedLM.from_pretrained(out)(**ids).logits.shape[-1] == len(
        AutoTokenizer.from_pretrained(out)
    )


def test_a_vocabulary_of_the_field_replaces_the_old_one(tiny_bert: Path, tmp_path: Path) -> None:
    learned = learn_vocabulary(TEXTS[:1], tiny_bert / "tokenizer.json", tmp_path / "v", size=90)
    out = train_encoder(
        TEXTS,
        str(tiny_bert),
        tmp_path / "out",
        schedule=Schedule(epochs=1, learning_rate=0.0),
        vocabulary=learned,
        tokens=500,
        block=32,
        log=lambda _: None,
    )
    model = AutoModel.from_pretrained(out)
    old = AutoModel.from_pretrained(tiny_bert)
    new, before = (
        Tokenizer.from_file(str(out / "tokenizer.json")),
        Tokenizer.from_file(str(tiny_bert / "tokenizer.json")),
    )
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


def test_whole_words_are_masked() -> None:
    # [CLS] a ##b c ##d ##e f [SEP], the pieces 5 to 10 of eleven
    block = np.array([[2, 5, 6, 7, 8, 9, 10, 3]] * 400, dtype=np.int32)
    continues = np.isin(np.arange(11), [6, 8, 9])
    text = Text(block, continues, frozenset({0, 1, 2, 3, 4}), mask=4)
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


def test_files_are_read_in_turn(tmp_path: Path) -> None:
    for name, texts in (("a", ["one", "two", "three"]), ("b", ["eins"])):
        lines = [json.dumps({"id": f"{name}{i}", "text": text}) for i, text in enumerate(texts)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
    assert list(mixed_texts([tmp_path / "a.jsonl", tmp_path / "b.jsonl"])) == [
        "one",
        "eins",
        "two",
        "three",
    ]


def test_too_little_text_is_an_error(tiny_bert: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="give more text"):
        train_encoder(
            ["the gene"],
            str(tiny_bert),
            tmp_path / "o",
            schedule=Schedule(epochs=1, learning_rate=1e-3),
            tokens=100,
            log=lambda _: None,
        )
