"""`biopipe train` for linking: bi-encoder, mention prior and probabilities."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from biopipe.cli.linking_options import (
    Gold,
    HeldOut,
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

if TYPE_CHECKING:
    from biopipe.document import Document
    from biopipe.train.linking.examples import LinkingExample

__all__ = ["biencoder", "linker", "mentions", "train_prior_command"]

BasesArgument = Annotated[
    list[str], typer.Argument(help="Knowledge bases to learn names from, directories or names.")
]
ConceptTypes = Annotated[
    list[str] | None,
    typer.Option(
        "--types",
        help="Learn concepts of these types and those that have none, no others; may be repeated.",
    ),
]
MentionFiles = Annotated[
    list[Path] | None,
    typer.Option(help="Documents whose linked mentions are names too; may be repeated."),
]
Pooling = Annotated[str, typer.Option(help="mean, or cls as SapBERT has it.")]
Hierarchy = Annotated[
    bool, typer.Option("--hierarchy", help="Parents as graded positives (HiPrBERT).")
]
TrainedBiencoder = Annotated[
    str, typer.Option(help="Checkpoint of 'train biencoder', or a bi-encoder, to go on from.")
]
WeightsFile = Annotated[Path, typer.Option("-o", "--output", help="JSON file of the weights.")]
HideNames = Annotated[
    float,
    typer.Option(
        min=0,
        help="What a mention counts once more with its name taken out of the knowledge base, so that "
        "names that no base has are learnt too; 0.3 for the weights that ship. Makes two copies of "
        "each base, which takes as long as to build them; 0: none.",
    ),
]
PriorFolder = Annotated[
    Path, typer.Option("-o", "--output", help="Folder of the model; its name names it.")
]
CountedLabels = Annotated[
    list[str] | None, typer.Option(help="Mention label to count; may be repeated.")
]
DefiningTexts = Annotated[
    list[Path] | None,
    typer.Option(
        "--defined",
        help="Texts, in any format that 'run' reads, whose definitions of short forms are counted "
        "too; may be repeated.",
    ),
]
SilverTexts = Annotated[
    list[Path] | None,
    typer.Option(
        "--silver",
        help="Documents that a program linked; what it means by names that no concept bears is "
        "counted where our tagger and linker agree; may be repeated.",
    ),
]
DefinedKb = Annotated[
    list[str] | None,
    typer.Option(
        "--kb",
        metavar="LABEL=BASE",
        help="Knowledge base whose concepts the definitions and silver names of a label are; may be "
        "repeated.",
    ),
]
Terms = Annotated[str, typer.Option(help="Terms of the gold documents, for the manifest.")]


def biencoder(
    knowledge_bases: BasesArgument,
    output: Output,
    types: ConceptTypes = None,
    mentions: MentionFiles = None,
    held_out: HeldOut = None,
    base: Base = "all-MiniLM-L6-v2",
    pooling: Pooling = "mean",
    hierarchy: Hierarchy = False,
    epochs: int = 1,
    learning_rate: float = 2e-4,
    batch_pairs: int = 128,
    seed: Seed = 0,
) -> None:
    """Train a bi-encoder on the synonyms of knowledge bases (SapBERT).

    Example: biopipe train biencoder bases/mesh bases/genes -o names --held-out test.pubtator
    """
    require_torch()
    from biopipe.kb.default import open_base
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.linking.biencoder import train_biencoder
    from biopipe.train.linking.names import read_synonyms

    bases = [open_base(name) for name in knowledge_bases]
    folder = train_biencoder(
        read_synonyms(bases, linked_documents(mentions, held_out), log, types=types or ()),
        _restored(base, output),
        output,
        schedule=Schedule(epochs, learning_rate, seed=seed),
        batch_pairs=batch_pairs,
        pooling=pooling,
        hierarchy=hierarchy,
        log=log,
    )
    print_checkpoint(folder)


def _restored(base: str, output: Path) -> str:
    """The checkpoint of `base`, that of a tagger or bi-encoder made in the folder of the output."""
    from biopipe.train.common.base import resolve_base
    from biopipe.train.common.restore import restored

    of_tagger, of_names = "token-classification", "bi-encoder"
    return restored(resolve_base(base), output / "base", task=of_tagger, or_task=of_names)


def mentions(
    gold: Gold,
    kb: LabelledKb,
    output: Output,
    base: TrainedBiencoder,
    held_out: HeldOut = None,
    epochs: int = 1,
    learning_rate: float = 1e-4,
    batch_mentions: BatchMentions = 16,
    seed: Seed = 0,
) -> None:
    """Tune a bi-encoder on linked mentions, against the names that its own vectors and n-grams
    retrieve (BioSyn).

    Example: biopipe train mentions --gold train.pubtator --kb Disease=bases/mesh --base names
    -o tuned
    """
    require_torch()
    from biopipe.train.common.base import resolve_base
    from biopipe.train.common.restore import restored
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.linking.mentions import retrieved_of, tune_biencoder

    documents = find_all_abbreviations(linked_documents(gold, held_out))
    folder = tune_biencoder(
        retrieved_of(documents, open_labelled_bases(kb)),
        restored(resolve_base(base), output / "base", task="bi-encoder"),
        output,
        schedule=Schedule(epochs, learning_rate, seed=seed),
        batch_mentions=batch_mentions,
        log=log,
    )
    print_checkpoint(folder)


def train_prior_command(
    gold: Gold,
    output: PriorFolder,
    held_out: HeldOut = None,
    label: CountedLabels = None,
    defined: DefiningTexts = None,
    silver: SilverTexts = None,
    kb: DefinedKb = None,
    terms: Terms = "",
) -> None:
    """Count what names meant in linked documents: the mention prior of a linker.

    Example: biopipe train prior --gold train.pubtator -o prior --held-out test.pubtator
    """
    from biopipe.io import read
    from biopipe.ner.tagger import Tagger
    from biopipe.train.common.corpora import describe_corpora
    from biopipe.train.linking.definitions import definition_counts
    from biopipe.train.linking.prior import write_prior
    from biopipe.train.linking.silver_names import silver_counts

    if bool(defined or silver) != bool(kb):
        raise typer.BadParameter("--defined or --silver and --kb go together")
    texts = (document for path in defined or () for document in read(path))
    bases = open_labelled_bases(kb or [])
    linked = linked_documents(silver, held_out)

    manifest = write_prior(
        find_all_abbreviations(linked_documents(gold, held_out)),
        output,
        labels=label or (),
        further=[
            definition_counts(texts, bases),
            *([silver_counts(linked, bases, Tagger())] if linked else []),
        ],
        training_data=describe_corpora(
            dict.fromkeys([*gold, *(defined or ()), *(silver or ())], terms)
        ),
    )
    typer.echo(f"{output}: names {json.dumps(manifest.settings['names'])}")


def linker(
    gold: Gold,
    kb: LabelledKb,
    output: WeightsFile,
    prior: PriorOption = DEFAULT_PRIOR,
    hide_names: HideNames = 0.0,
) -> None:
    """Fit the probabilities of links for a knowledge base and its encoder on linked documents.

    They must not be those that the mention prior was counted on, for of these it knows the answers.

    Example: biopipe train linker --gold dev.pubtator --kb bases/mesh --hide-names 0.3
    -o weights.json
    """
    require_torch()
    from dataclasses import asdict

    from biopipe.cli.bases import named_bases
    from biopipe.linking.linker import Linker
    from biopipe.train.linking.examples import linking_examples
    from biopipe.train.linking.weights import fit_weights

    documents = find_all_abbreviations(linked_documents(gold))
    examples = list(linking_examples(documents, Linker(named_bases(kb), prior=prior or None)))
    if hide_names:
        examples += _hidden(documents, named_bases(kb), hide_names)
    weights = fit_weights(examples)
    raw = {label: asdict(fitted) for label, fitted in weights.items()}
    output.write_text(json.dumps(raw, indent=2) + "\n", encoding="utf-8")
    counts = {label or "all": fitted.about["mentions"] for label, fitted in weights.items()}
    log(", ".join(f"{label}: {count} mentions" for label, count in counts.items()))
    typer.echo(f"{output}; next: name it as the linker's weights")


def _hidden(
    documents: "Sequence[Document]", kb: str | Mapping[str, str], weight: float
) -> "list[LinkingExample]":
    """Examples of the mentions with their names hidden."""
    from biopipe.kb.default import open_base
    from biopipe.train.linking.hidden_names import bases_without_names, hidden_name_examples

    directories = {"": kb} if isinstance(kb, str) else kb
    bases = {label: open_base(directory) for label, directory in directories.items()}
    log("Building two copies of the knowledge bases without the names of mentions")
    # The copies are as large as the bases, and nobody needs them afterwards.
    with TemporaryDirectory() as folder:
        copies = bases_without_names(bases, documents, Path(folder))
        return list(hidden_name_examples(documents, copies, weight=weight))
