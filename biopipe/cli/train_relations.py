"""`biopipe train relations`: the document-level relation model."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biopipe.cli.training import Base, HeadRate, Output, Seed, log, print_checkpoint, require_torch

if TYPE_CHECKING:
    from biopipe.document import Document
    from biopipe.runtime.trunk import Trunk

__all__ = ["train_relations_command"]

SchemeFile = Annotated[
    Path, typer.Argument(help="Scheme JSON: entity and relation labels, pairs, train, dev.")
]
DataFolder = Annotated[
    Path, typer.Option(help="Folder that the scheme's corpus paths are relative to.")
]
TrunkOption = Annotated[
    str | None,
    typer.Option(help="Tagger exported with --states-layer, whose encoder serves both models."),
]
OwnLayers = Annotated[int, typer.Option(help="Encoder layers on top of the trunk.")]
TeacherOption = Annotated[
    str | None,
    typer.Option(help="Relation model that answers for --texts; the model learns that."),
]
MixtureOf = Annotated[
    Path | None,
    typer.Option(
        help="Checkpoint that was trained alike on fewer documents: its mixture and thresholds are "
        "taken, and nothing is chosen on dev."
    ),
]
TaughtTexts = Annotated[
    list[Path] | None, typer.Option(help="Texts without gold for the teacher; may be repeated.")
]


def train_relations_command(
    scheme: SchemeFile,
    output: Output,
    base: Base = "all-MiniLM-L6-v2",
    data: DataFolder = Path(),
    epochs: int = 15,
    learning_rate: float = 1.5e-4,
    head_rate: HeadRate = 4.0,
    batch_documents: int = 2,
    trunk: TrunkOption = None,
    own_layers: OwnLayers = 2,
    teacher: TeacherOption = None,
    texts: TaughtTexts = None,
    mixture_of: MixtureOf = None,
    seed: Seed = 0,
) -> None:
    """Train a relation model for whole documents, with novelty, on corpora with gold concepts.

    Example: biopipe train relations scheme.json -o relations --data corpora
    """
    require_torch()
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.relations.scheme import load_scheme
    from biopipe.train.relations.trainer import train_relations

    checkpoint = train_relations(
        load_scheme(scheme, needs_dev=mixture_of is None),
        _start(base, output / "base"),
        output,
        data=data,
        schedule=Schedule(epochs, learning_rate, head_rate=head_rate, seed=seed),
        batch_documents=batch_documents,
        trunk=_open_trunk(trunk),
        own_layers=own_layers,
        teacher=teacher,
        texts=_taught_documents(texts or ()),
        mixture_of=mixture_of,
        log=log,
    )
    print_checkpoint(checkpoint)


def _start(base: str, scratch: Path) -> str:
    """`base`; of a tagger's model directory the checkpoint that it becomes in `scratch`. A relation
    model's directory is read as it is.
    """
    from biopipe.io.manifest_files import MANIFEST
    from biopipe.runtime.manifest import load_manifest
    from biopipe.train.common.base import resolve_base
    from biopipe.train.common.restore import restored

    base = resolve_base(base)
    # A relation model has layers and heads of its own, which go on as they are.
    if (Path(base) / MANIFEST).is_file() and load_manifest(Path(base)).task == "relation":
        return base
    return restored(base, scratch, task="token-classification")


def _open_trunk(option: str | None) -> "Trunk | None":
    from biopipe.ner.name_features import told_names
    from biopipe.runtime.trunk import Trunk

    return None if option is None else Trunk(option, features=told_names)


def _taught_documents(paths: Sequence[Path]) -> "list[Document]":
    """The documents of the texts for the teacher, linked."""
    from biopipe.io import read
    from biopipe.train.relations.teacher import link_texts

    return link_texts([document for path in paths for document in read(path)])
