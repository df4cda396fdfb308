"""Training in tests takes one thread."""

import json
import shutil
from pathlib import Path

import pytest


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Tiny models gain nothing from more, and on busy cores OpenMP's barriers wait for seconds."""
    torch = pytest.importorskip("torch", reason="needs the extra 'train'")
    torch.set_num_threads(1)


@pytest.fixture
def bert_of_other_words(tiny_bert: Path, tmp_path: Path) -> Path:
    """The encoder `tiny_bert` with other numbers for its words, so that what it reads is not what
    another one reads.
    """
    folder = tmp_path / "bert-of-other-words"
    shutil.copytree(tiny_bert, folder)
    content = json.loads((folder / "tokenizer.json").read_text())
    vocabulary = content["model"]["vocab"]
    words = [word for word in vocabulary if not word.startswith("[")]
    numbers = [vocabulary[word] for word in reversed(words)]
    vocabulary.update(zip(words, numbers, strict=True))
    (folder / "tokenizer.json").write_text(json.dumps(content))
    return folder
