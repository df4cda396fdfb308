import json
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

import torch
from tokenizers import Tokenizer

from biopipe.errors import ConfigError
from biopipe.train.encoder.vocabulary import initial_embeddings, learn_vocabulary

TEXTS = [
    "Metformin lowers glucose.",
    "metformin and glucose in adenocarcinoma",
    "Adenocarcinoma and metformin",
] * 20


@pytest.fixture
def learned(tiny_bert: Path, tmp_path: Path) -> Path:
    return learn_vocabulary(TEXTS, tiny_bert / "tokenizer.json", tmp_path / "new", size=150)


def test_words_of_the_field_become_pieces(tiny_bert: Path, learned: Path) -> None:
    old = Tokenizer.from_file(str(tiny_bert / "tokenizer.json"))
    new = Tokenizer.from_file(str(learned))
    assert new.encode("Metformin adenocarcinoma").tokens == [
        "[CLS]",
        "metformin",
        "adenocarcinoma",
        "[SEP]",
    ]
    before, after = (sum(len(t.encode(text).ids) for text in TEXTS) for t in (old, new))
    assert after < before
    assert new.get_vocab_size() <= 150


def test_text_is_split_as_before_and_special_tokens_stay(tiny_bert: Path, learned: Path) -> None:
    old = Tokenizer.from_file(str(tiny_bert / "tokenizer.json"))
    new = Tokenizer.from_file(str(learned))
    assert new.normalizer.normalize_str("GLUCOSE") == old.normalizer.normalize_str("GLUCOSE")
    first = sorted(new.get_vocab().items(), key=lambda item: item[1])[:37]
    unused = [f"[unused{number}]" for number in range(1, 33)]
    assert [piece for piece, _ in first] == ["[PAD]", *unused, "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    assert new.encode("glucose").ids[0] == new.token_to_id("[CLS]")
    assert new.encode("glucose").ids[-1] == new.token_to_id("[SEP]")


def test_new_pieces_start_from_those_they_were_cut_into(tiny_bert: Path, learned: Path) -> None:
    old = Tokenizer.from_file(str(tiny_bert / "tokenizer.json"))
    new = Tokenizer.from_file(str(learned))
    table = torch.randn(old.get_vocab_size(), 6)
    started = initial_embeddings(old, new, table)
    assert started.shape == (new.get_vocab_size(), 6)
    pieces = old.encode("metformin", add_special_tokens=False).ids
    assert torch.allclose(started[new.token_to_id("metformin")], table[pieces].mean(dim=0))
    for same in ("[MASK]", "a", "##e"):
        if new.token_to_id(same) is not None:
            assert torch.equal(started[new.token_to_id(same)], table[old.token_to_id(same)])


def test_a_tokenizer_of_another_kind_is_refused(tiny_bert: Path, tmp_path: Path) -> None:
    spec = json.loads((tiny_bert / "tokenizer.json").read_text())
    spec["model"]["type"] = "BPE"
    (tmp_path / "bpe.json").write_text(json.dumps(spec))
    with pytest.raises(ConfigError, match="is BPE, not WordPiece"):
        learn_vocabulary(TEXTS, tmp_path / "bpe.json", tmp_path, size=50)
