"""Adapt an encoder to a field's texts (Gururangan et al. 2020, "Don't stop pretraining")."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from biopipe.errors import ConfigError
from biopipe.train.common.history import add_to_history
from biopipe.train.common.loop import fit
from biopipe.train.common.schedule import Schedule
from biopipe.train.encoder.blocks import TokenBlocks, has_blocks, open_blocks, write_blocks
from biopipe.train.encoder.masked_language import masked_language_objective
from biopipe.train.encoder.objective import Objective
from biopipe.train.encoder.replaced_tokens import ReplacedTokenModel, replaced_token_objective
from biopipe.train.encoder.start import load_masked_language_model, write_tokenizer
from biopipe.train.encoder.vocabulary import learn_vocabulary

__all__ = ["EncoderTask", "train_encoder"]


@dataclass(frozen=True, slots=True)
class EncoderTask:
    """What an encoder is trained for, and on how much.

    `tokens` are trained on in batches of `batch_tokens`, in blocks of `block` tokens; where they
    are more than the texts have, the texts are gone through again in another order. `masked` is the
    share of words that is masked.
    """

    tokens: int
    objective: Literal["mlm", "replaced-tokens"] = "mlm"
    masked: float = 0.15
    block: int = 128
    batch_tokens: int = 8192


def train_encoder(
    texts: Callable[[], Iterable[str]],
    base: str,
    output: Path,
    task: EncoderTask,
    *,
    schedule: Schedule,
    vocabulary: Path | int | None = None,
    blocks: Path | None = None,
    log: Callable[[str], None],
) -> Path:
    """Train `base` (a folder or hub id) on texts, write a Hugging Face checkpoint to `output`.

    `texts` gives them from the beginning each time. `vocabulary` is a tokenizer.json in place of
    the base's, or the number of pieces to learn from the texts. `blocks` is a folder that keeps the
    tokenised texts, by default `output`; where it has them, with their tokenizer, `texts` and
    `vocabulary` are not used. After each of `schedule.epochs` parts the checkpoint is written, and
    measures on held-out text go to `history.json`. ConfigError where texts are too few, the base is
    no BERT, or `output` holds a run that this one cannot go on from.
    """
    output.mkdir(parents=True, exist_ok=True)
    text = _tokenised(texts, base, vocabulary, blocks or output, length=task.block, log=log)
    if blocks is not None:
        # The checkpoint goes with the tokenizer that cut its blocks, whatever `vocabulary` says
        # now.
        write_tokenizer(base, blocks / "tokenizer.json", output)
    objective = _objective(base, output / "tokenizer.json", text, task, seed=schedule.seed)
    fit(
        objective.model,
        _Batches(text.learned, task, schedule).of_part,
        _batch_loss(objective, text, schedule.seed),
        schedule=schedule,
        checkpoint=output / "checkpoint",
        log=log,
        encoder=objective.encoder,
        on_epoch=lambda part: _measure(objective, output, task, schedule, part, log),
    )
    return output


def _batch_loss(
    objective: Objective, text: TokenBlocks, seed: int
) -> Callable[[tuple[int, ...]], torch.Tensor]:
    """The loss of a batch by the rows of its blocks."""

    def loss(batch: tuple[int, ...]) -> torch.Tensor:
        # The hash of numbers is the same in every process.
        return objective.loss(text.learned[list(batch)], hash((seed, *batch)))

    return loss


def _measure(
    objective: Objective,
    output: Path,
    task: EncoderTask,
    schedule: Schedule,
    part: int,
    log: Callable[[str], None],
) -> None:
    """Write the checkpoint after a part, and its measures to the history."""
    with torch.autocast("cpu", torch.bfloat16, enabled=schedule.bf16):
        scores = objective.scores()
    entry = {"tokens": (part + 1) * task.tokens // schedule.epochs, **scores}
    log(", ".join(f"{name} {value:,.4g}" for name, value in entry.items()))
    objective.save(output)
    add_to_history(output, entry, key="tokens")


def _tokenised(
    texts: Callable[[], Iterable[str]],
    base: str,
    vocabulary: Path | int | None,
    folder: Path,
    *,
    length: int,
    log: Callable[[str], None],
) -> TokenBlocks:
    if not has_blocks(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(vocabulary, int):
            log(f"learning a vocabulary of {vocabulary} pieces")
            learn_vocabulary(texts(), write_tokenizer(base, None, folder), folder, size=vocabulary)
        else:
            write_tokenizer(base, vocabulary, folder)
        write_blocks(texts(), folder, length=length, log=log)
    return open_blocks(folder, length=length)


def _objective(
    base: str, tokenizer: Path, text: TokenBlocks, task: EncoderTask, *, seed: int
) -> Objective:
    if task.objective == "mlm":
        model = load_masked_language_model(base, tokenizer, seed=seed)
        return masked_language_objective(model, text, share=task.masked)
    generator, discriminator = (
        load_masked_language_model(base, tokenizer, seed=seed) for _ in range(2)
    )
    replaced = ReplacedTokenModel(generator, discriminator.bert)
    return replaced_token_objective(replaced, text, share=task.masked)


class _Batches:
    """Rows of `blocks` for each step, by its number alone, so that a longer run begins as a
    shorter one.
    """

    def __init__(self, blocks: NDArray[np.int32], task: EncoderTask, schedule: Schedule) -> None:
        self.rows = max(1, task.batch_tokens // task.block)
        self.steps = task.tokens // (self.rows * task.block)
        self.parts, self.seed, self.blocks = schedule.epochs, schedule.seed, len(blocks)
        self.steps_of_pass = len(blocks) // self.rows
        if not self.steps_of_pass or self.steps < self.parts:
            raise ConfigError(
                f"{len(blocks)} blocks of {task.block} tokens to learn from and {self.steps} steps "
                f"of {self.rows} blocks are too few for {self.parts} parts; give more text or "
                "tokens."
            )

    def of_part(self, part: int) -> list[tuple[int, ...]]:
        """The rows of each step of a part, numbered from 0."""
        return [
            self._of_step(int(step)) for step in np.array_split(range(self.steps), self.parts)[part]
        ]

    def _of_step(self, step: int) -> tuple[int, ...]:
        number, place = divmod(step, self.steps_of_pass)
        order = _order(self.blocks, self.seed, number)
        return tuple(order[place * self.rows : (place + 1) * self.rows].tolist())


# Asked for at every step, and one pass is gone through at a time.
@lru_cache(maxsize=1)
def _order(blocks: int, seed: int, number: int) -> NDArray[np.int64]:
    """The order in which pass `number` goes through the blocks."""
    return np.random.default_rng([seed, number] if number else seed).permutation(blocks)
