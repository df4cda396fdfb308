"""`biopipe train`: fine-tune taggers and relation models; needs the `train` extra."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Fine-tune models (needs the extra 'train').")

Output = Annotated[
    Path, typer.Option("-o", "--output", help="Folder of the checkpoint; an unfinished run resumes.")
]
Base = Annotated[str, typer.Option(help="Encoder to start from: local folder, hub id, or all-MiniLM-L6-v2.")]
Data = Annotated[Path, typer.Option(help="Folder that the recipe's corpus paths are relative to.")]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]


def _log(message: str) -> None:
    typer.echo(message, file=sys.stderr)


@app.command()
def ner(
    recipe: Annotated[
        Path, typer.Argument(help="Recipe JSON: labels, corpora with what each annotates, dev.")
    ],
    output: Output,
    base: Base = "all-MiniLM-L6-v2",
    data: Data = Path(),
    epochs: int = 5,
    learning_rate: float = 3e-4,
    batch_tokens: int = 4096,
    seed: Seed = 0,
) -> None:
    """Fine-tune a token classifier on PubTator corpora that may each annotate only some labels."""
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.train.base import resolve_base
    from biopipe.train.corpora import load_recipe
    from biopipe.train.loop import Schedule
    from biopipe.train.ner import train_ner

    schedule = Schedule(epochs=epochs, learning_rate=learning_rate, seed=seed)
    loaded = load_recipe(recipe, data)
    folder = train_ner(
        loaded, resolve_base(base), output, schedule=schedule, batch_tokens=batch_tokens, log=_log
    )
    _report(folder)


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
    head_rate: Annotated[float, typer.Option(help="Learning rate of new layers, as a multiple.")] = 4.0,
    batch_documents: int = 2,
    seed: Seed = 0,
) -> None:
    """Train a document-level relation model with novelty on PubTator documents with gold concepts."""
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.train.base import resolve_base
    from biopipe.train.loop import Schedule
    from biopipe.train.relations import load_scheme, train_relations

    schedule = Schedule(epochs=epochs, learning_rate=learning_rate, head_rate=head_rate, seed=seed)
    folder = train_relations(
        load_scheme(scheme),
        resolve_base(base),
        output,
        data=data,
        schedule=schedule,
        batch_documents=batch_documents,
        log=_log,
    )
    _report(folder)


def _report(folder: Path) -> None:
    last = json.loads((folder / "history.json").read_text(encoding="utf-8"))[-1]
    typer.echo(f"{folder}: {json.dumps(last)}; next: biopipe model export {folder} -o MODEL")
