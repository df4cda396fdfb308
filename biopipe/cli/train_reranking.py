"""`biopipe train` for the reranker: the cross-encoder, and how much its word counts."""

import json
from pathlib import Path
from typing import Annotated

import typer

from biopipe.cli.linking_options import (
    Dev,
    Gold,
    LabelledKb,
    PriorOption,
    find_all_abbreviations,
    linked_documents,
    open_labelled_bases,
)
from biopipe.cli.training import (
    Base,
    BatchMentions,
    Output,
    Seed,
    log,
    print_checkpoint,
    require_torch,
)
from biopipe.linking.mention_prior import DEFAULT_PRIOR

__all__ = ["mixture", "reranker"]

ExportedReranker = Annotated[
    Path, typer.Argument(help="The folder of an exported reranker; its manifest is changed.")
]


def reranker(
    gold: Gold,
    kb: LabelledKb,
    output: Output,
    dev: Dev = None,
    base: Base = "all-MiniLM-L6-v2",
    epochs: int = 2,
    learning_rate: float = 1e-4,
    batch_mentions: BatchMentions = 8,
    seed: Seed = 0,
) -> None:
    """Train a cross-encoder that reads a mention's context against the candidates of the linker.

    Example: biopipe train reranker --gold train.pubtator --dev dev.pubtator --kb
    Disease=bases/mesh -o reranker
    """
    require_torch()
    from biopipe.linking.linker import Linker
    from biopipe.train.common.base import resolve_base
    from biopipe.train.common.corpora import write_training_data
    from biopipe.train.common.restore import restored
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.linking.choices import doubtful_choices, reranking_choices
    from biopipe.train.linking.reranker import train_reranker

    bases = open_labelled_bases(kb)
    documents = find_all_abbreviations(linked_documents(gold, dev))
    held_out = find_all_abbreviations(linked_documents(dev))
    folder = train_reranker(
        # A mention prior may have been counted on these very documents.
        list(reranking_choices(documents, Linker(bases, prior=None), bases, seed=seed)),
        restored(resolve_base(base), output / "base", task="cross-encoder"),
        output,
        schedule=Schedule(epochs, learning_rate, seed=seed, head_rate=4.0),
        batch_mentions=batch_mentions,
        dev=list(doubtful_choices(held_out, Linker(bases), bases)),
        log=log,
    )
    write_training_data(folder, dict.fromkeys(gold, ""))
    print_checkpoint(folder)


def mixture(
    model: ExportedReranker, gold: Gold, kb: LabelledKb, prior: PriorOption = DEFAULT_PRIOR
) -> None:
    """Fit how much a reranker counts beside the linker's probabilities, also where half of the
    concepts are gone.

    Example: biopipe train mixture reranker --gold dev.pubtator --kb Disease=bases/mesh
    """
    require_torch()
    from biopipe.linking.linker import Linker
    from biopipe.train.linking.choices import doubtful_choices
    from biopipe.train.linking.mixture import refit_mixture

    bases = open_labelled_bases(kb)
    documents = find_all_abbreviations(linked_documents(gold))
    choices = doubtful_choices(documents, Linker(bases, prior=prior or None), bases)
    manifest = refit_mixture(model, list(choices))
    typer.echo(f"{model}: {json.dumps(manifest.calibration)}")
