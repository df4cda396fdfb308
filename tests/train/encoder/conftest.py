"""Texts that a tiny encoder can learn in seconds, and their blocks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SENTENCES = ("aspirin lowers the risk of cancer.", "the gene of the disease in patients")


def texts() -> Iterator[str]:
    """60 texts of two sentences in turn."""
    yield from [" ".join(SENTENCES * 40)] * 60


@pytest.fixture
def tiny_texts() -> Callable[[], Iterator[str]]:
    return texts


@pytest.fixture(scope="session")
def blocks_folder(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The texts in blocks of 32 tokens, made with the tokenizer of the tiny BERT."""
    from biopipe.train.encoder.blocks import write_blocks
    from biopipe.train.encoder.start import write_tokenizer

    folder = tmp_path_factory.mktemp("blocks")
    write_tokenizer(str(tiny_bert), None, folder)
    write_blocks(texts(), folder, length=32, log=lambda _: None)
    return folder


@pytest.fixture
def train_tiny(tiny_bert: Path, blocks_folder: Path, tmp_path: Path) -> Callable[..., Path]:
    """Trains the tiny BERT on the blocks: `train_tiny(name, tokens=..., objective=..., **schedule)`."""
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.encoder.trainer import EncoderTask, train_encoder

    def train(
        name: str = "out",
        *,
        tokens: int,
        objective: str = "mlm",
        log: Callable[[str], None] = lambda _: None,
        **schedule: object,
    ) -> Path:
        settings = {"epochs": 2, "learning_rate": 3e-3, "save_every": 5, **schedule}
        return train_encoder(
            texts,
            str(tiny_bert),
            tmp_path / name,
            EncoderTask(tokens, objective, block=32, batch_tokens=512),
            schedule=Schedule(**settings),
            blocks=blocks_folder,
            log=log,
        )

    return train
