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
    freeze: Annotated[int, typer.Option(help="Lower layers that stay as they are, with the embeddings.")] = 0,
    reinitialise: Annotated[int, typer.Option(help="Top layers that start anew.")] = 0,
    consistency: Annotated[
        float, typer.Option(help="Weight of R-Drop: two passes under other dropout must agree.")
    ] = 0.0,
    average: Annotated[
        float, typer.Option(help="Decay of the running mean of the weights, which is kept; 0 keeps the last.")
    ] = 0.0,
    seed: Seed = 0,
) -> None:
    """Fine-tune a token classifier on PubTator corpora that may each annotate only some labels."""
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.train.base import resolve_base
    from biopipe.train.corpora import load_recipe
    from biopipe.train.loop import Schedule
    from biopipe.train.ner import train_ner
    from biopipe.train.restore import restored
    from biopipe.train.tuning import Tuning

    folder = train_ner(
        load_recipe(recipe, data),
        restored(resolve_base(base), output / "base"),
        output,
        schedule=Schedule(epochs=epochs, learning_rate=learning_rate, average=average, seed=seed),
        tuning=Tuning(layer_decay, freeze, reinitialise, consistency),
        batch_tokens=batch_tokens,
        log=_log,
    )
    _report(folder)


@app.command()
def encoder(
    texts: Annotated[list[Path], typer.Argument(help="Texts to learn from, in any format that 'run' reads.")],
    output: Output,
    base: Base = "all-MiniLM-L6-v2",
    vocabulary: Annotated[
        str | None,
        typer.Option(
            help="Pieces to learn from the texts, as a number, or a tokenizer.json; else the base's."
        ),
    ] = None,
    tokens: Annotated[int, typer.Option(help="Tokens to train on, each once.")] = 5_000_000,
    parts: Annotated[int, typer.Option(help="Perplexity is measured after each of these parts.")] = 10,
    learning_rate: float = 5e-4,
    batch_tokens: int = 4096,
    seed: Seed = 0,
) -> None:
    """Adapt an encoder to a field's texts by masked-language modelling with whole words masked."""
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.train.base import resolve_base
    from biopipe.train.encoder import mixed_texts, train_encoder
    from biopipe.train.loop import Schedule
    from biopipe.train.vocabulary import learn_vocabulary

    start = resolve_base(base)
    learned = None if vocabulary is None else Path(vocabulary)
    if vocabulary is not None and vocabulary.isdigit():
        _log(f"learning a vocabulary of {vocabulary} pieces")
        tokenizer = Path(start) / "tokenizer.json"
        learned = learn_vocabulary(mixed_texts(texts), tokenizer, output / "vocabulary", size=int(vocabulary))
    folder = train_encoder(
        mixed_texts(texts),
        start,
        output,
        schedule=Schedule(epochs=parts, learning_rate=learning_rate, seed=seed, head_rate=2.0),
        vocabulary=learned,
        tokens=tokens,
        batch_tokens=batch_tokens,
        log=_log,
    )
    _report(folder)


@app.command()
def gliner(
    recipe: Annotated[
        Path, typer.Argument(help="Recipe JSON of 'train ner' with 'names': natural names of each label.")
    ],
    output: Output,
    base: Base = "all-MiniLM-L6-v2",
    data: Data = Path(),
    epochs: int = 3,
    learning_rate: float = 1e-4,
    head_rate: Annotated[float, typer.Option(help="Learning rate of new layers, as a multiple.")] = 5.0,
    batch_tokens: int = 2048,
    pieces: Annotated[
        int | None, typer.Option(help="Keep this many WordPieces, those that the corpora use most.")
    ] = None,
    seed: Seed = 0,
) -> None:
    """Train a GLiNER on PubTator corpora that may each annotate only some labels (needs the extra 'gliner')."""
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.train.base import resolve_base
    from biopipe.train.corpora import load_recipe
    from biopipe.train.gliner import load_names, train_gliner
    from biopipe.train.loop import Schedule

    loaded = load_recipe(recipe, data)
    folder = train_gliner(
        loaded,
        load_names(recipe, loaded.labels),
        resolve_base(base),
        output,
        schedule=Schedule(epochs=epochs, learning_rate=learning_rate, head_rate=head_rate, seed=seed),
        batch_tokens=batch_tokens,
        pieces=pieces,
        log=_log,
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
    trunk: Annotated[
        str | None,
        typer.Option(help="Tagger exported with --states-layer, whose encoder serves both models."),
    ] = None,
    own_layers: Annotated[int, typer.Option(help="Encoder layers on top of the trunk.")] = 2,
    teacher: Annotated[
        Path | None, typer.Option(help="Relation checkpoint that answers for --texts; the model learns that.")
    ] = None,
    texts: Annotated[
        list[Path] | None, typer.Option(help="Texts without gold for the teacher; may be repeated.")
    ] = None,
    seed: Seed = 0,
) -> None:
    """Train a document-level relation model with novelty on PubTator documents with gold concepts."""
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.io import read
    from biopipe.runtime.trunk import Trunk
    from biopipe.train.base import resolve_base
    from biopipe.train.loop import Schedule
    from biopipe.train.relation_scheme import load_scheme
    from biopipe.train.relation_teacher import with_concepts
    from biopipe.train.relations import train_relations

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
        texts=with_concepts([each for path in texts or () for each in read(path)]),
        log=_log,
    )
    _report(folder)


@app.command()
def biencoder(
    knowledge_bases: Annotated[
        list[Path], typer.Argument(help="Knowledge base directories to learn names from.")
    ],
    output: Output,
    mentions: Annotated[
        list[Path] | None, typer.Option(help="PubTator whose linked mentions are names too; may be repeated.")
    ] = None,
    held_out: Annotated[
        list[Path] | None, typer.Option(help="PubTator whose documents must stay unseen; may be repeated.")
    ] = None,
    base: Base = "all-MiniLM-L6-v2",
    pooling: Annotated[str, typer.Option(help="mean, or cls as SapBERT has it.")] = "mean",
    hierarchy: Annotated[
        bool, typer.Option("--hierarchy", help="Parents as graded positives (HiPrBERT).")
    ] = False,
    epochs: int = 1,
    learning_rate: float = 2e-4,
    batch_pairs: int = 128,
    seed: Seed = 0,
) -> None:
    """Train a bi-encoder on the synonyms of knowledge bases (SapBERT)."""
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.kb.base import KnowledgeBase
    from biopipe.train.base import resolve_base
    from biopipe.train.biencoder import train_biencoder
    from biopipe.train.corpora import read_corpus, unseen
    from biopipe.train.loop import Schedule
    from biopipe.train.names import read_names

    unread = [document for path in held_out or () for document in read_corpus(path, _log)]
    documents = [d for path in mentions or () for d in unseen(read_corpus(path, _log), unread)]
    data = read_names([KnowledgeBase.open(path) for path in knowledge_bases], documents, _log)
    folder = train_biencoder(
        data,
        resolve_base(base),
        output,
        schedule=Schedule(epochs=epochs, learning_rate=learning_rate, seed=seed),
        batch_pairs=batch_pairs,
        pooling=pooling,
        hierarchy=hierarchy,
        log=_log,
    )
    _report(folder)


Gold = Annotated[list[Path], typer.Option("--gold", help="PubTator with linked mentions; may be repeated.")]
Kb = Annotated[
    list[str], typer.Option("--kb", metavar="[LABEL=]DIR", help="Knowledge base of a mention label.")
]


@app.command()
def linker(
    gold: Gold,
    kb: Kb,
    output: Annotated[Path, typer.Option("-o", "--output", help="JSON file of the weights.")],
) -> None:
    """Fit the probabilities of links for a knowledge base and its encoder on linked documents."""
    import json
    from dataclasses import asdict

    from biopipe.extras import require

    require("torch", "train")
    from biopipe.cli.bases import named_bases
    from biopipe.linking.linker import Linker
    from biopipe.text.abbreviations import AbbreviationFinder
    from biopipe.train.corpora import read_corpus
    from biopipe.train.linker import examples_of, fit_weights

    documents = AbbreviationFinder().predict([d for path in gold for d in read_corpus(path, _log)])
    weights = fit_weights(list(examples_of(documents, Linker(named_bases(kb)))))
    raw = {label: asdict(each) for label, each in weights.items()}
    output.write_text(json.dumps(raw, indent=2) + "\n", encoding="utf-8")
    _log(", ".join(f"{label or 'all'}: {each.about['mentions']} mentions" for label, each in weights.items()))
    typer.echo(f"{output}; next: name it as the linker's weights")


@app.command()
def mentions(
    gold: Gold,
    kb: Kb,
    output: Output,
    base: Annotated[str, typer.Option(help="Checkpoint of 'train biencoder' to go on from.")],
    held_out: Annotated[
        list[Path] | None, typer.Option(help="PubTator whose documents must stay unseen; may be repeated.")
    ] = None,
    epochs: int = 1,
    learning_rate: float = 1e-4,
    batch_mentions: int = 16,
    seed: Seed = 0,
) -> None:
    """Tune a bi-encoder on linked mentions, against the names that its own vectors and n-grams retrieve (BioSyn)."""
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.kb.base import KnowledgeBase
    from biopipe.text.abbreviations import AbbreviationFinder
    from biopipe.train.corpora import read_corpus, unseen
    from biopipe.train.loop import Schedule
    from biopipe.train.mentions import retrieved_of, tune_biencoder

    bases = {label: KnowledgeBase.open(path) for label, path in _labelled(kb).items()}
    unread = [document for path in held_out or () for document in read_corpus(path, _log)]
    documents = [d for path in gold for d in unseen(read_corpus(path, _log), unread)]
    examples = retrieved_of(AbbreviationFinder().predict(documents), bases)
    schedule = Schedule(epochs=epochs, learning_rate=learning_rate, seed=seed)
    folder = tune_biencoder(
        examples, base, output, schedule=schedule, batch_mentions=batch_mentions, log=_log
    )
    _report(folder)


def _labelled(kb: list[str]) -> dict[str, str]:
    from biopipe.cli.bases import named_bases

    named = named_bases(kb)
    if isinstance(named, str):
        raise typer.BadParameter(f"name the mention label of each knowledge base: --kb LABEL={named}")
    return named


@app.command()
def reranker(
    gold: Gold,
    kb: Kb,
    output: Output,
    dev: Annotated[
        list[Path] | None, typer.Option(help="PubTator to fit on how much it counts; may be repeated.")
    ] = None,
    base: Base = "all-MiniLM-L6-v2",
    epochs: int = 2,
    learning_rate: float = 1e-4,
    batch_mentions: int = 8,
    seed: Seed = 0,
) -> None:
    """Train a cross-encoder that reads a mention's context against the candidates of the linker."""
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.kb.base import KnowledgeBase
    from biopipe.linking.linker import Linker
    from biopipe.text.abbreviations import AbbreviationFinder
    from biopipe.train.base import resolve_base
    from biopipe.train.corpora import read_corpus, unseen, write_training_data
    from biopipe.train.loop import Schedule
    from biopipe.train.reranker import choices_of, doubtful_choices, train_reranker

    bases = {label: KnowledgeBase.open(path) for label, path in _labelled(kb).items()}
    held_out = [document for path in dev or () for document in read_corpus(path, _log)]
    documents = [d for path in gold for d in unseen(read_corpus(path, _log), held_out)]
    link = Linker(bases)
    find = AbbreviationFinder().predict
    choices = list(choices_of(find(documents), link, bases, seed=seed))
    checked = list(doubtful_choices(find(held_out), link, bases))
    folder = train_reranker(
        choices,
        resolve_base(base),
        output,
        schedule=Schedule(epochs=epochs, learning_rate=learning_rate, seed=seed, head_rate=4.0),
        batch_mentions=batch_mentions,
        dev=checked,
        log=_log,
    )
    write_training_data(folder, dict.fromkeys(gold, ""))
    _report(folder)


@app.command()
def mixture(
    model: Annotated[
        Path, typer.Argument(help="The folder of an exported reranker; its manifest is changed.")
    ],
    gold: Gold,
    kb: Kb,
) -> None:
    """Fit how much a reranker counts beside the linker's probabilities, also where half of the concepts are gone."""
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.kb.base import KnowledgeBase
    from biopipe.linking.linker import Linker
    from biopipe.text.abbreviations import AbbreviationFinder
    from biopipe.train.corpora import read_corpus
    from biopipe.train.reranker import doubtful_choices, refit_mixture

    bases = {label: KnowledgeBase.open(path) for label, path in _labelled(kb).items()}
    documents = AbbreviationFinder().predict([d for path in gold for d in read_corpus(path, _log)])
    manifest = refit_mixture(model, list(doubtful_choices(documents, Linker(bases), bases)))
    typer.echo(f"{model}: {json.dumps(manifest.calibration)}")


def _report(folder: Path) -> None:
    history = folder / "history.json"  # of those trainers that choose an epoch on dev
    last = f": {json.dumps(json.loads(history.read_text(encoding='utf-8'))[-1])}" if history.is_file() else ""
    typer.echo(f"{folder}{last}; next: biopipe model export {folder} -o MODEL")
