from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("transformers", reason="needs the extra 'train'")

from tokenizers import Tokenizer

from biopipe.errors import ConfigError
from biopipe.train.encoder.blocks import open_blocks, write_blocks
from biopipe.train.encoder.start import write_tokenizer


def test_all_texts_are_in_the_blocks(tiny_bert: Path, tmp_path: Path) -> None:
    write_tokenizer(str(tiny_bert), None, tmp_path)
    texts = [f"the gene number {number} of patients" for number in range(700)]
    lines: list[str] = []
    write_blocks(texts, tmp_path, length=16, log=lines.append)
    text = open_blocks(tmp_path, length=16)
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    assert (text.blocks[:, 0] == first).all()
    assert (text.blocks[:, -1] == last).all()
    encodings = tokenizer.encode_batch(texts, add_special_tokens=False)
    expected = np.concatenate([[*encoding.ids, last] for encoding in encodings])
    inner = text.blocks[:, 1:-1].reshape(-1)
    assert len(expected) - 14 < len(inner) <= len(expected)
    counts = np.bincount(expected) - np.bincount(inner, minlength=expected.max() + 1)
    assert (counts >= 0).all()
    assert lines == [f"{len(expected):,} tokens in {len(text.blocks)} blocks of 16"]


def test_a_piece_that_goes_on_with_a_word_is_known(blocks_folder: Path) -> None:
    text = open_blocks(blocks_folder, length=32)
    ids = Tokenizer.from_file(str(blocks_folder / "tokenizer.json")).get_vocab()
    assert text.continues[ids["##a"]]
    assert not text.continues[ids["a"]]
    assert text.mask in text.special


def test_blocks_of_another_tokenizer_or_length_are_refused(tiny_bert: Path, tmp_path: Path) -> None:
    path = write_tokenizer(str(tiny_bert), None, tmp_path)
    write_blocks(["the gene of the disease"] * 9, tmp_path, length=16, log=lambda _: None)
    with pytest.raises(ConfigError, match="have 16 tokens, 32 are asked for"):
        open_blocks(tmp_path, length=32)
    path.write_text(path.read_text().replace('"aspirin"', '"ibuprofen"'))
    with pytest.raises(ConfigError, match="made with another tokenizer"):
        open_blocks(tmp_path, length=16)
