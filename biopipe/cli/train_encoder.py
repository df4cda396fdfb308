"""`biopipe train encoder`: adapt an encoder to a field's texts."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from biopipe.cli.training import Base, Bf16, Output, Seed, log, report

__all__ = ["encoder"]

# Steps over which the learning rate rises; a fixed number, so that a longer run begins the same.
WARMUP_STEPS = 60


class ObjectiveName(str, Enum):
    """What an encoder can be trained for."""

    MASKED_LANGUAGE = "mlm"
    REPLACED_TOKENS = "replaced-tokens"


def encoder(
    texts: Annotated[
        list[Path], typer.Argument(help="Texts to learn from, in any format that 'run' reads.")
    ],
    output: Output,
    base: Base = "all-MiniLM-L6-v2",
    objective: Annotated[
        ObjectiveName,
        typer.Option(help="Name masked words, or find tokens that a small model put in (ELECTRA)."),
    ] = ObjectiveName.MASKED_LANGUAGE,
    vocabulary: Annotated[
        str | None,
        typer.Option(
            help="Pieces to learn from the texts, as a number, or a tokenizer.json; else the base's."
        ),
    ] = None,
    blocks: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the tokenised texts, for runs to share; made where it has none."
        ),
    ] = None,
    tokens: Annotated[
        int,
        typer.Option(help="Tokens to train on; more than the texts have go through them again."),
    ] = 5_000_000,
    parts: Annotated[int, typer.Option(help="The run is measured after each of these parts.")] = 10,
    masked: Annotated[float, typer.Option(help="Share of the words that is masked.")] = 0.15,
    learning_rate: float = 6e-4,
    anneal: Annotated[
        float,
        typer.Option(
            help="Share of the run, at its end, over which the learning rate falls; until then the "
            "run can be given more tokens."
        ),
    ] = 1.0,
    block: Annotated[int, typer.Option(help="Tokens of a block, which is one sequence.")] = 128,
    batch_tokens: int = 8192,
    bf16: Bf16 = False,
    seed: Seed = 0,
) -> None:
    """Adapt an encoder to a field's texts: every word is guessed, or doubted, in its context.

    Example: biopipe train encoder texts/*.jsonl.gz -o encoder --objective replaced-tokens
    --vocabulary 24000 --tokens 60000000 --anneal 0.25 --bf16
    """
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.train.common.base import resolve_base
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.encoder.texts import mixed_texts
    from biopipe.train.encoder.trainer import EncoderTask, train_encoder

    schedule = Schedule(
        epochs=parts,
        learning_rate=learning_rate,
        warmup=1.0,
        warmup_of=WARMUP_STEPS,
        head_rate=2.0,
        save_every=100,
        anneal=anneal,
        bf16=bf16,
        seed=seed,
    )
    folder = train_encoder(
        lambda: mixed_texts(texts),
        resolve_base(base),
        output,
        EncoderTask(tokens, objective.value, masked, block, batch_tokens),
        schedule=schedule,
        vocabulary=_vocabulary(vocabulary),
        blocks=blocks,
        log=log,
    )
    report(folder)


def _vocabulary(option: str | None) -> Path | int | None:
    if option is None:
        return None
    return int(option) if option.isdigit() else Path(option)
