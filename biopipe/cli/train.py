"""`biopipe train`: fine-tune encoders, taggers, relation models and what links mentions."""

from pathlib import Path
from typing import Annotated

import typer

from biopipe.cli import train_linking
from biopipe.cli.train_encoder import encoder
from biopipe.cli.training import Base, Bf16, Output, Seed, log, report

app = typer.Typer(no_args_is_help=True, help="Fine-tune models (needs the extra 'train').")

Data = Annotated[Path, typer.Option(help="Folder that the recipe's corpus paths are relative to.")]


@app.command()
def ner(
    recipe: Annotated[
        Path, typer.Argument(help="Recipe JSON: labels, corpora with what each annotates, dev.")
    ],
    output: Output,
    base: Annotated[
        str,
        typer.Option(
            help="Encoder or tagger to start from: folder, model directory, hub id, all-MiniLM-L6-v2."
        ),
    ] = "all-MiniLM-L6-v2",
    data: Data = Path(),
    epochs: int = 5,
    learning_rate: float = 3e-4,
    batch_tokens: int = 4096,
    layer_decay: Annotated[
        float, typer.Option(help="Learning rate of a layer as a multiple of the next higher one's.")
    ] = 1.0,
    freeze: Annotated[
        int, typer.Option(help="Lower layers that stay as they are, with the embeddings.")
    ] = 0,
    reinitialise: Annotated[int, typer.Option(help="Top layers that start anew.")] = 0,
    consistency: Annotated[
        float, typer.Option(help="Weight of R-Drop: two passes under other dropout must agree.")
    ] = 0.0,
    average: Annotated[
        float,
        typer.Option(
            help="Decay of the running mean of the weights, which is kept; 0 keeps the last."
        ),
    ] = 0.0,
    bf16: Bf16 = False,
    seed: Seed = 0,
) -> None:
    """Fine-tune a token classifier on PubTator corpora that may each annotate only some labels."""
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.train.common.base import resolve_base
    from biopipe.train.common.corpora import load_training_recipe
    from biopipe.train.common.restore import restored
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.common.tuning import Tuning
    from biopipe.train.ner.tagger import train_ner

    folder = train_ner(
        load_training_recipe(recipe, data),
        restored(resolve_base(base), output / "base", task="token-classification"),
        output,
        schedule=Schedule(
            epochs=epochs, learning_rate=learning_rate, average=average, bf16=bf16, seed=seed
        ),
        tuning=Tuning(layer_decay, freeze, reinitialise, consistency),
        batch_tokens=batch_tokens,
        log=log,
    )
    report(folder)


app.command()(encoder)


@app.command()
def gliner(
    recipe: Annotated[
        Path,
        typer.Argument(
            help="Recipe JSON of 'train ner' with 'names': natural names of each label."
        ),
    ],
    output: Output,
    base: Base = "all-MiniLM-L6-v2",
    data: Data = Path(),
    epochs: int = 3,
    learning_rate: float = 1e-4,
    head_rate: Annotated[
        float, typer.Option(help="Learning rate of new layers, as a multiple.")
    ] = 5.0,
    batch_tokens: int = 2048,
    pieces: Annotated[
        int | None, typer.Option(help="Keep this many WordPieces, those that the corpora use most.")
    ] = None,
    seed: Seed = 0,
) -> None:
    """Train a GLiNER on PubTator corpora that may each annotate only some labels (needs the extra
    'gliner').
    """
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.train.common.base import resolve_base
    from biopipe.train.common.corpora import load_training_recipe
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.gliner.trainer import load_names, train_gliner

    loaded = load_training_recipe(recipe, data)
    folder = train_gliner(
        loaded,
        load_names(recipe, loaded.labels),
        resolve_base(base),
        output,
        schedule=Schedule(
            epochs=epochs, learning_rate=learning_rate, head_rate=head_rate, seed=seed
        ),
        batch_tokens=batch_tokens,
        pieces=pieces,
        log=log,
    )
    report(folder)


@app.command()
def classes(
    naming: Annotated[
        Path,
        typer.Argument(
            help="JSON: sources (knowledge bases and the classes of their names), patterns."
        ),
    ],
    texts: Annotated[
        list[Path], typer.Argument(help="Texts to annotate, in any format that 'run' reads.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The PubTator file to write.")],
    kb: Annotated[
        Path, typer.Option(help="Folder that paths of knowledge bases are relative to.")
    ] = Path(),
    passages: Annotated[int, typer.Option(help="Passages to draw, evenly from the files.")] = 6500,
    characters: Annotated[int, typer.Option(help="About how long each is.")] = 1200,
    seed: Seed = 0,
) -> None:
    """Annotate texts with names of knowledge bases and the classes above them, for 'train
    gliner'.
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


@app.command()
def silver(
    texts: Annotated[
        list[Path], typer.Argument(help="Texts to annotate, in any format that 'run' reads.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The PubTator file to write.")],
    model: Annotated[
        str, typer.Option(help="The tagger that annotates: name or model directory.")
    ] = ("biopipe-ner-minilm"),
    kb: Annotated[
        list[str] | None,
        typer.Option(
            help="Knowledge base whose names teach nothing where the tagger finds none; may be repeated."
        ),
    ] = None,
    passages: Annotated[int, typer.Option(help="Passages to draw, evenly from the files.")] = 6500,
    characters: Annotated[int, typer.Option(help="About how long each is.")] = 1200,
    sure: Annotated[
        float, typer.Option(help="Score from which on a mention teaches its label.")
    ] = 0.6,
    doubt: Annotated[
        float, typer.Option(help="Score from which on a mention that is not sure teaches nothing.")
    ] = 0.1,
    fewest: Annotated[int, typer.Option(help="Sure mentions that a passage has at least.")] = 0,
    seed: Seed = 0,
) -> None:
    """Annotate texts with a tagger for a tagger to be trained on: self-training."""
    from biopipe.ner.dictionary import Dictionary
    from biopipe.ner.tagger import Tagger
    from biopipe.train.ner.silver import write_silver

    count = write_silver(
        texts,
        Tagger(model, threshold=doubt),
        output,
        dictionaries=[Dictionary(each, shortest=6) for each in kb or ()],
        passages=passages,
        characters=characters,
        sure=sure,
        fewest=fewest,
        seed=seed,
        log=log,
    )
    typer.echo(f"{output}: {count} passages")


@app.command()
def relations(
    scheme: Annotated[
        Path, typer.Argument(help="Scheme JSON: entity and relation labels, pairs, train, dev.")
    ],
    output: Output,
    base: Base = "all-MiniLM-L6-v2",
    data: Data = Path(),
    epochs: int = 15,
    learning_rate: float = 1.5e-4,
    head_rate: Annotated[
        float, typer.Option(help="Learning rate of new layers, as a multiple.")
    ] = 4.0,
    batch_documents: int = 2,
    trunk: Annotated[
        str | None,
        typer.Option(help="Tagger exported with --states-layer, whose encoder serves both models."),
    ] = None,
    own_layers: Annotated[int, typer.Option(help="Encoder layers on top of the trunk.")] = 2,
    teacher: Annotated[
        Path | None,
        typer.Option(help="Relation checkpoint that answers for --texts; the model learns that."),
    ] = None,
    texts: Annotated[
        list[Path] | None, typer.Option(help="Texts without gold for the teacher; may be repeated.")
    ] = None,
    seed: Seed = 0,
) -> None:
    """Train a document-level relation model with novelty on PubTator documents with gold
    concepts.
    """
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.io import read
    from biopipe.runtime.trunk import Trunk
    from biopipe.train.common.base import resolve_base
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.relations.scheme import load_scheme
    from biopipe.train.relations.teacher import link_texts
    from biopipe.train.relations.trainer import train_relations

    schedule = Schedule(epochs=epochs, learning_rate=learning_rate, head_rate=head_rate, seed=seed)
    folder = train_relations(
        load_scheme(scheme),
        resolve_base(base),
        output,
        data=data,
        schedule=schedule,
        batch_documents=batch_documents,
        trunk=None if trunk is None else Trunk(trunk),
        own_layers=own_layers,
        teacher=teacher,
        texts=link_texts([each for path in texts or () for each in read(path)]),
        log=log,
    )
    report(folder)


@app.command()
def mean(
    checkpoints: Annotated[
        list[Path], typer.Argument(help="Two or more checkpoints of one architecture.")
    ],
    output: Output,
    share: Annotated[
        list[float] | None,
        typer.Option(help="How much each counts, in their order; repeat it. Default: alike."),
    ] = None,
) -> None:
    """Average the weights of checkpoints that went on from one another (model soups)."""
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.train.common.mean import mean_checkpoint

    report(mean_checkpoint(checkpoints, output, share or ()))


for command in train_linking.COMMANDS:
    app.command()(command)
