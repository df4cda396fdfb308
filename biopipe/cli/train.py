"""`biopipe train`: fine-tune encoders, taggers, relation models and what links mentions."""

from pathlib import Path
from typing import Annotated

import typer

from biopipe.cli.train_directions import directions, relabel, statements
from biopipe.cli.train_encoder import encoder
from biopipe.cli.train_frames import frames
from biopipe.cli.train_gliner import classes, gliner
from biopipe.cli.train_linking import biencoder, linker, mentions, train_prior_command
from biopipe.cli.train_ner import silver, train_ner_command
from biopipe.cli.train_relations import train_relations_command
from biopipe.cli.train_reranking import mixture, reranker
from biopipe.cli.training import Output, print_checkpoint, require_torch

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Fine-tune models (needs the extra 'train').")

Checkpoints = Annotated[
    list[Path], typer.Argument(help="Two or more checkpoints of one architecture.")
]
Shares = Annotated[
    list[float] | None,
    typer.Option(help="How much each counts, in their order; repeat it. Default: alike."),
]


def mean(checkpoints: Checkpoints, output: Output, share: Shares = None) -> None:
    """Average the weights of checkpoints that went on from one another (model soups).

    Example: biopipe train mean run-a run-b -o soup
    """
    require_torch()
    from biopipe.train.common.mean import mean_checkpoint

    print_checkpoint(mean_checkpoint(checkpoints, output, share or ()))


# In the order of the help text.
for name, command in (
    ("ner", train_ner_command),
    ("silver", silver),
    ("frames", frames),
    ("encoder", encoder),
    ("gliner", gliner),
    ("classes", classes),
    ("directions", directions),
    ("statements", statements),
    ("relabel", relabel),
    ("relations", train_relations_command),
    ("biencoder", biencoder),
    ("mentions", mentions),
    ("prior", train_prior_command),
    ("linker", linker),
    ("reranker", reranker),
    ("mixture", mixture),
    ("mean", mean),
):
    app.command(name)(command)
