"""`biopipe train encoder`: adapt an encoder to a field's texts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from enum import Enum
from functools import partial
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING, Annotated

import typer

from biopipe.cli.training import Base, Bf16, Output, Seed, log, print_checkpoint, require_torch

if TYPE_CHECKING:
    from biopipe.train.common.schedule import Schedule

__all__ = ["encoder"]

# The learning rate rises over a fixed number of steps, so that a longer run begins the same.
WARMUP_STEPS = 60
HEAD_RATE, STEPS_PER_CHECKPOINT = 2.0, 100


class ObjectiveName(str, Enum):
    """What an encoder can be trained for."""

    MASKED_LANGUAGE = "mlm"
    REPLACED_TOKENS = "replaced-tokens"


LearnedTexts = Annotated[
    list[Path], typer.Argument(help="Texts to learn from, in any format that 'run' reads.")
]
ObjectiveOption = Annotated[
    ObjectiveName,
    typer.Option(help="Name masked words, or find tokens that a small model put in (ELECTRA)."),
]
Vocabulary = Annotated[
    str | None,
    typer.Option(
        help="Pieces to learn from the texts, as a number, or a tokenizer.json; else the base's."
    ),
]
Blocks = Annotated[
    Path | None,
    typer.Option(help="Folder of the tokenised texts, for runs to share; made where it has none."),
]
Tokens = Annotated[
    int, typer.Option(help="Tokens to train on; more than the texts have go through them again.")
]
Parts = Annotated[int, typer.Option(help="The run is measured after each of these parts.")]
Masked = Annotated[float, typer.Option(help="Share of the words that is masked.")]
Anneal = Annotated[
    float,
    typer.Option(
        help="Share of the run, at its end, over which the learning rate falls; until then the "
        "run can be given more tokens."
    ),
]
BlockLength = Annotated[int, typer.Option(help="Tokens of a block, which is one sequence.")]


def encoder(
    texts: LearnedTexts,
    output: Output,
    base: Base = "all-MiniLM-L6-v2",
    objective: ObjectiveOption = ObjectiveName.MASKED_LANGUAGE,
    vocabulary: Vocabulary = None,
    blocks: Blocks = None,
    tokens: Tokens = 5_000_000,
    parts: Parts = 10,
    masked: Masked = 0.15,
    learning_rate: float = 6e-4,
    anneal: Anneal = 1.0,
    block: BlockLength = 128,
    batch_tokens: int = 8192,
    bf16: Bf16 = False,
    seed: Seed = 0,
) -> None:
    """Adapt an encoder to a field's texts: every word is guessed, or doubted, in its context.

    Example: biopipe train encoder texts/*.jsonl.gz -o encoder --objective replaced-tokens
    --vocabulary 24000 --tokens 60000000 --anneal 0.25 --bf16
    """
    require_torch()
    from biopipe.train.common.base import resolve_base
    from biopipe.train.common.restore import restored
    from biopipe.train.encoder.trainer import EncoderTask, train_encoder

    schedule = replace(_warmed_schedule(parts, learning_rate), anneal=anneal, bf16=bf16, seed=seed)
    # Before the texts are read, which takes minutes: a wrong name of a base is said at once.
    start = restored(resolve_base(base), output / "base", task="token-classification")
    folder = train_encoder(
        _described_texts(texts, output, blocks),
        start,
        output,
        EncoderTask(tokens, objective.value, masked, block, batch_tokens),
        schedule=schedule,
        vocabulary=_vocabulary(vocabulary),
        blocks=blocks,
        log=log,
    )
    print_checkpoint(folder)


def _described_texts(
    texts: Sequence[Path], output: Path, blocks: Path | None
) -> Callable[[], Iterable[str]]:
    """The texts from the beginning each time; what they are stands beside their blocks and the
    checkpoint.
    """
    from biopipe.train.common.corpora import TRAINING_DATA, write_training_data
    from biopipe.train.encoder.blocks import has_blocks
    from biopipe.train.encoder.texts import mixed_texts, stated_licences

    folder = blocks or output
    # Of texts that have been cut nothing is read again: they may be gone.
    if not has_blocks(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_training_data(folder, {path: stated_licences(path) for path in texts})
    if folder != output and (folder / TRAINING_DATA).is_file():
        output.mkdir(parents=True, exist_ok=True)
        copyfile(folder / TRAINING_DATA, output / TRAINING_DATA)
    return partial(mixed_texts, texts)


def _warmed_schedule(parts: int, learning_rate: float) -> "Schedule":
    """The schedule of all encoders, with the same first steps whatever the run's length."""
    from biopipe.train.common.schedule import Schedule

    fixed = Schedule(parts, learning_rate, head_rate=HEAD_RATE, save_every=STEPS_PER_CHECKPOINT)
    # All of `warmup_of`: 60 steps whatever the length, so that runs can be compared and gone on
    # with.
    return replace(fixed, warmup=1.0, warmup_of=WARMUP_STEPS)


def _vocabulary(option: str | None) -> Path | int | None:
    if option is None:
        return None
    return int(option) if option.isdigit() else Path(option)
