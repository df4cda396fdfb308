"""`biopipe train` for linking: bi-encoder, mention prior, probabilities, reranker."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biopipe.cli.training import Base, Output, Seed, log, report
from biopipe.linking.mention_prior import DEFAULT_PRIOR

if TYPE_CHECKING:
    from biopipe.document import Document

__all__ = ["COMMANDS"]

Gold = Annotated[
    list[Path], typer.Option("--gold", help="PubTator with linked mentions; may be repeated.")
]
Kb = Annotated[
    list[str],
    typer.Option("--kb", metavar="[LABEL=]DIR", help="Knowledge base of a mention label."),
]
Prior = Annotated[
    str, typer.Option(help="Mention prior of the linker: name or folder; '' for none.")
]


def biencoder(
    knowledge_bases: Annotated[
        list[Path], typer.Argument(help="Knowledge base directories to learn names from.")
    ],
    output: Output,
    mentions: Annotated[
        list[Path] | None,
        typer.Option(help="PubTator whose linked mentions are names too; may be repeated."),
    ] = None,
    held_out: Annotated[
        list[Path] | None,
        typer.Option(help="PubTator whose documents must stay unseen; may be repeated."),
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
    from biopipe.train.common.base import resolve_base
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.linking.biencoder import train_biencoder
    from biopipe.train.linking.names import read_synonyms

    documents = _unseen(mentions, held_out)
    data = read_synonyms([KnowledgeBase.open(path) for path in knowledge_bases], documents, log)
    folder = train_biencoder(
        data,
        resolve_base(base),
        output,
        schedule=Schedule(epochs=epochs, learning_rate=learning_rate, seed=seed),
        batch_pairs=batch_pairs,
        pooling=pooling,
        hierarchy=hierarchy,
        log=log,
    )
    report(folder)


def linker(
    gold: Gold,
    kb: Kb,
    output: Annotated[Path, typer.Option("-o", "--output", help="JSON file of the weights.")],
    prior: Prior = DEFAULT_PRIOR,
) -> None:
    """Fit the probabilities of links for a knowledge base and its encoder on linked documents.

    They must not be those that the mention prior was counted on, for of these it knows the answers.
    """
    from dataclasses import asdict

    from biopipe.extras import require

    require("torch", "train")
    from biopipe.cli.bases import named_bases
    from biopipe.linking.linker import Linker
    from biopipe.text.abbreviations import AbbreviationFinder
    from biopipe.train.linking.weights import fit_weights, linking_examples

    documents = AbbreviationFinder().predict(_read(gold))
    weights = fit_weights(
        list(linking_examples(documents, Linker(named_bases(kb), prior=prior or None)))
    )
    raw = {label: asdict(each) for label, each in weights.items()}
    output.write_text(json.dumps(raw, indent=2) + "\n", encoding="utf-8")
    log(
        ", ".join(
            f"{label or 'all'}: {each.about['mentions']} mentions"
            for label, each in weights.items()
        )
    )
    typer.echo(f"{output}; next: name it as the linker's weights")


def mentions(
    gold: Gold,
    kb: Kb,
    output: Output,
    base: Annotated[str, typer.Option(help="Checkpoint of 'train biencoder' to go on from.")],
    held_out: Annotated[
        list[Path] | None,
        typer.Option(help="PubTator whose documents must stay unseen; may be repeated."),
    ] = None,
    epochs: int = 1,
    learning_rate: float = 1e-4,
    batch_mentions: int = 16,
    seed: Seed = 0,
) -> None:
    """Tune a bi-encoder on linked mentions, against the names that its own vectors and n-grams
    retrieve (BioSyn).
    """
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.kb.base import KnowledgeBase
    from biopipe.text.abbreviations import AbbreviationFinder
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.linking.mentions import retrieved_of, tune_biencoder

    bases = {label: KnowledgeBase.open(path) for label, path in _labelled(kb).items()}
    documents = _unseen(gold, held_out)
    examples = retrieved_of(AbbreviationFinder().predict(documents), bases)
    schedule = Schedule(epochs=epochs, learning_rate=learning_rate, seed=seed)
    folder = tune_biencoder(
        examples, base, output, schedule=schedule, batch_mentions=batch_mentions, log=log
    )
    report(folder)


def _read(paths: list[Path] | None) -> "list[Document]":
    from biopipe.train.common.corpora import read_gold_corpus

    return [document for path in paths or () for document in read_gold_corpus(path, log)]


def _unseen(paths: list[Path] | None, held_out: list[Path] | None) -> "list[Document]":
    """The documents of `paths` that are not in `held_out`, by id or by their words."""
    from biopipe.train.common.corpora import unseen

    return list(unseen(_read(paths), _read(held_out)))


def _labelled(kb: list[str]) -> dict[str, str]:
    from biopipe.cli.bases import named_bases

    named = named_bases(kb)
    if isinstance(named, str):
        raise typer.BadParameter(
            f"name the mention label of each knowledge base: --kb LABEL={named}"
        )
    return named


def reranker(
    gold: Gold,
    kb: Kb,
    output: Output,
    dev: Annotated[
        list[Path] | None,
        typer.Option(help="PubTator to fit on how much it counts; may be repeated."),
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
    from biopipe.train.common.base import resolve_base
    from biopipe.train.common.corpora import write_training_data
    from biopipe.train.common.restore import restored
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.linking.reranker import choices_of, doubtful_choices, train_reranker

    bases = {label: KnowledgeBase.open(path) for label, path in _labelled(kb).items()}
    documents, held_out = _unseen(gold, dev), _read(dev)
    find = AbbreviationFinder().predict
    # A mention prior may have been counted on these very documents.
    choices = list(choices_of(find(documents), Linker(bases, prior=None), bases, seed=seed))
    checked = list(doubtful_choices(find(held_out), Linker(bases), bases))
    folder = train_reranker(
        choices,
        restored(resolve_base(base), output / "base", task="cross-encoder"),
        output,
        schedule=Schedule(epochs=epochs, learning_rate=learning_rate, seed=seed, head_rate=4.0),
        batch_mentions=batch_mentions,
        dev=checked,
        log=log,
    )
    write_training_data(folder, dict.fromkeys(gold, ""))
    report(folder)


def mixture(
    model: Annotated[
        Path, typer.Argument(help="The folder of an exported reranker; its manifest is changed.")
    ],
    gold: Gold,
    kb: Kb,
    prior: Prior = DEFAULT_PRIOR,
) -> None:
    """Fit how much a reranker counts beside the linker's probabilities, also where half of the
    concepts are gone.
    """
    from biopipe.extras import require

    require("torch", "train")
    from biopipe.kb.base import KnowledgeBase
    from biopipe.linking.linker import Linker
    from biopipe.text.abbreviations import AbbreviationFinder
    from biopipe.train.linking.reranker import doubtful_choices, refit_mixture

    bases = {label: KnowledgeBase.open(path) for label, path in _labelled(kb).items()}
    documents = AbbreviationFinder().predict(_read(gold))
    manifest = refit_mixture(
        model, list(doubtful_choices(documents, Linker(bases, prior=prior or None), bases))
    )
    typer.echo(f"{model}: {json.dumps(manifest.calibration)}")


def prior(
    gold: Gold,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder of the model; its name names it.")
    ],
    held_out: Annotated[
        list[Path] | None,
        typer.Option(help="PubTator whose documents must stay unseen; may be repeated."),
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option(help="Mention label to count; may be repeated.")
    ] = None,
    terms: Annotated[str, typer.Option(help="Terms of the gold documents, for the manifest.")] = "",
) -> None:
    """Count what names meant in linked documents: the mention prior of a linker."""
    from biopipe.text.abbreviations import AbbreviationFinder
    from biopipe.train.common.corpora import describe_corpora
    from biopipe.train.linking.prior import write_prior

    documents = _unseen(gold, held_out)
    manifest = write_prior(
        AbbreviationFinder().predict(documents),
        output,
        labels=label or (),
        training_data=describe_corpora(dict.fromkeys(gold, terms)),
    )
    typer.echo(f"{output}: names {json.dumps(manifest.settings['names'])}")


# In the order of the help text.
COMMANDS: tuple[Callable[..., None], ...] = (biencoder, mentions, prior, linker, reranker, mixture)
