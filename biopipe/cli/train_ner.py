"""`biopipe train` for entities: taggers, and texts annotated by a tagger."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biopipe.cli.training import (
    Bf16,
    CharactersOption,
    CorpusFolder,
    Output,
    PassagesOption,
    PubTatorOutput,
    Seed,
    Texts,
    log,
    print_checkpoint,
    require_torch,
)

if TYPE_CHECKING:
    from biopipe.ner.name_features import NameFeatures
    from biopipe.ner.tagger import Tagger

__all__ = ["silver", "train_ner_command"]

TaggerRecipe = Annotated[
    Path, typer.Argument(help="Recipe JSON: labels, corpora with what each annotates, dev.")
]
TaggerBase = Annotated[
    str,
    typer.Option(
        help="Encoder or tagger to start from: folder, model directory, hub id, all-MiniLM-L6-v2."
    ),
]
LayerDecay = Annotated[
    float, typer.Option(help="Learning rate of a layer as a multiple of the next higher one's.")
]
Freeze = Annotated[
    int, typer.Option(help="Lower layers that stay as they are, with the embeddings.")
]
Reinitialise = Annotated[int, typer.Option(help="Top layers that start anew.")]
Consistency = Annotated[
    float, typer.Option(help="Weight of R-Drop: two passes under other dropout must agree.")
]
Average = Annotated[
    float,
    typer.Option(help="Decay of the running mean of the weights, which is kept; 0 keeps the last."),
]
WindowTokens = Annotated[
    int,
    typer.Option(
        min=16,
        max=510,
        help="Tokens of a window, which the tagger is read in later too; shorter ones take less "
        "time a token. At most what the base was trained on.",
    ),
]
KnownNames = Annotated[
    list[str] | None,
    typer.Option(
        "--kb",
        help="Knowledge base whose names the tagger is told of, in training and at run time; may "
        "be repeated.",
    ),
]
Teachers = Annotated[
    list[str] | None,
    typer.Option(
        "--teacher",
        help="Tagger that answers for the corpora that are 'taught', by name or directory; several "
        "answer by their mean.",
    ),
]
Teacher = Annotated[str, typer.Option(help="The tagger that annotates: name or model directory.")]
SilentNames = Annotated[
    list[str] | None,
    typer.Option(
        help="Knowledge base whose names teach nothing where the tagger finds none; may be "
        "repeated."
    ),
]
Sure = Annotated[float, typer.Option(help="Score from which on a mention teaches its label.")]
Doubt = Annotated[
    float, typer.Option(help="Score from which on a mention that is not sure teaches nothing.")
]
Fewest = Annotated[int, typer.Option(help="Sure mentions that a passage has at least.")]


def train_ner_command(
    recipe: TaggerRecipe,
    output: Output,
    base: TaggerBase = "all-MiniLM-L6-v2",
    data: CorpusFolder = Path(),
    epochs: int = 5,
    learning_rate: float = 3e-4,
    batch_tokens: int = 4096,
    window_tokens: WindowTokens = 510,
    layer_decay: LayerDecay = 1.0,
    freeze: Freeze = 0,
    reinitialise: Reinitialise = 0,
    consistency: Consistency = 0.0,
    average: Average = 0.0,
    kb: KnownNames = None,
    teacher: Teachers = None,
    bf16: Bf16 = False,
    seed: Seed = 0,
) -> None:
    """Fine-tune a token classifier on corpora that may each annotate only some labels.

    Example: biopipe train ner recipe.json -o tagger --data corpora --epochs 10
    """
    require_torch()
    from biopipe.train.common.corpora import load_training_recipe
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.common.tuning import Tuning
    from biopipe.train.ner.trainer import train_ner

    loaded = load_training_recipe(recipe, data)
    start = _start(base, output)
    names = _told_names(kb, start, loaded.labels) if kb else None
    train = partial(train_ner, loaded, start, output, names=names, teachers=_taggers(teacher or ()))
    schedule = Schedule(epochs, learning_rate, average=average, bf16=bf16, seed=seed)
    tuning = Tuning(layer_decay, freeze, reinitialise, consistency)
    train = partial(train, schedule=schedule, tuning=tuning, log=log)
    print_checkpoint(train(batch_tokens=batch_tokens, window=window_tokens))


def _taggers(models: Sequence[str]) -> "list[Tagger]":
    from biopipe.ner.tagger import Tagger

    return [Tagger(model) for model in models]


def _told_names(kb: list[str], start: str, labels: Sequence[str]) -> "NameFeatures":
    from biopipe.kb.default import open_base
    from biopipe.ner.name_features import NameFeatures
    from biopipe.train.ner.known_names import labels_to_tell

    bases = [open_base(source) for source in kb]
    return NameFeatures(bases, labels_to_tell(start, labels, bases))


def _start(base: str, output: Path) -> str:
    """What the training starts from: the base, of a model directory the checkpoint in it."""
    from biopipe.train.common.base import resolve_base
    from biopipe.train.common.restore import restored

    return restored(resolve_base(base), output / "base", task="token-classification")


def silver(
    texts: Texts,
    output: PubTatorOutput,
    model: Teacher = "biopipe-ner-minilm",
    kb: SilentNames = None,
    passages: PassagesOption = 6500,
    characters: CharactersOption = 1200,
    sure: Sure = 0.6,
    doubt: Doubt = 0.1,
    fewest: Fewest = 0,
    seed: Seed = 0,
) -> None:
    """Annotate texts with a tagger for a tagger to be trained on: self-training.

    Example: biopipe train silver texts/*.jsonl.gz -o silver.pubtator --kb default
    """
    from biopipe.ner.dictionary import Dictionary
    from biopipe.ner.tagger import Tagger
    from biopipe.train.ner.silver import write_silver

    count = write_silver(
        texts,
        # Down to doubt: what is unsure must be seen to be left out of the lesson.
        Tagger(model, threshold=doubt),
        output,
        dictionaries=[Dictionary(name, shortest=6) for name in kb or ()],
        passages=passages,
        characters=characters,
        sure=sure,
        fewest=fewest,
        seed=seed,
        log=log,
    )
    typer.echo(f"{output}: {count} passages")
