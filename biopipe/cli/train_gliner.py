"""`biopipe train` for GLiNERs: the models, and texts annotated with classes of knowledge bases."""

from pathlib import Path
from typing import Annotated

import typer

from biopipe.cli.training import (
    Base,
    CharactersOption,
    CorpusFolder,
    HeadRate,
    Output,
    PassagesOption,
    PubTatorOutput,
    Seed,
    Texts,
    log,
    print_checkpoint,
    require_torch,
)

__all__ = ["classes", "gliner"]

GlinerRecipe = Annotated[
    Path,
    typer.Argument(help="Recipe JSON of 'train ner' with 'names': natural names of each label."),
]
KeptPieces = Annotated[
    int | None, typer.Option(help="Keep this many WordPieces, those that the corpora use most.")
]
NamingFile = Annotated[
    Path,
    typer.Argument(
        help="JSON: sources (knowledge bases and the classes of their names), patterns."
    ),
]
KbFolder = Annotated[
    Path,
    typer.Option(
        help="Folder that paths of knowledge bases are relative to; else they are names of such."
    ),
]


def gliner(
    recipe: GlinerRecipe,
    output: Output,
    base: Base = "all-MiniLM-L6-v2",
    data: CorpusFolder = Path(),
    epochs: int = 3,
    learning_rate: float = 1e-4,
    head_rate: HeadRate = 5.0,
    batch_tokens: int = 2048,
    pieces: KeptPieces = None,
    seed: Seed = 0,
) -> None:
    """Train a GLiNER on corpora that may each annotate only some labels (needs the extra
    'gliner').

    Example: biopipe train gliner recipe.json -o zero-shot --data corpora --pieces 12000
    """
    require_torch()
    from biopipe.train.common.base import resolve_base
    from biopipe.train.common.corpora import load_training_recipe
    from biopipe.train.common.restore import restored
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.gliner.trainer import load_names, train_gliner

    loaded = load_training_recipe(recipe, data)
    folder = train_gliner(
        loaded,
        load_names(recipe, loaded.labels),
        restored(resolve_base(base), output / "base", task="token-classification"),
        output,
        schedule=Schedule(epochs, learning_rate, head_rate=head_rate, seed=seed),
        batch_tokens=batch_tokens,
        pieces=pieces,
        log=log,
    )
    print_checkpoint(folder)


def classes(
    naming: NamingFile,
    texts: Texts,
    output: PubTatorOutput,
    kb: KbFolder = Path(),
    passages: PassagesOption = 6500,
    characters: CharactersOption = 1200,
    seed: Seed = 0,
) -> None:
    """Annotate texts with names of knowledge bases and the classes above them, for 'train
    gliner'.

    Example: biopipe train classes naming.json texts/*.jsonl.gz -o classes.pubtator --kb bases
    """
    from biopipe.train.gliner.classes import load_naming, write_classes

    count = write_classes(
        texts,
        load_naming(naming, kb),
        output,
        passages=passages,
        characters=characters,
        seed=seed,
        log=log,
    )
    typer.echo(f"{output}: {count} passages")
