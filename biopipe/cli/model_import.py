"""`biopipe model import`: a token classifier from elsewhere becomes a recogniser."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biopipe.cli.model_export import Force, calibrate_and_report, gold_corpora, refuse_existing
from biopipe.cli.training import require_torch

if TYPE_CHECKING:
    from biopipe.document import Document
    from biopipe.runtime.manifest import Manifest
    from biopipe.train.export.task import ModelDescription

__all__ = ["import_"]

# The smallest that passes its gate is kept.
_PRECISIONS = ("int8", "fp32")

Classifier = Annotated[
    str, typer.Argument(help="A Hugging Face token classifier: local folder or hub id.")
]
ImportedFolder = Annotated[
    Path, typer.Option("-o", "--output", help="Folder of the model directory.")
]
Renamed = Annotated[
    list[str] | None,
    typer.Option("--label", help="OLD=NEW, such as CHEM=Chemical; may be repeated."),
]
Tags = Annotated[
    str,
    typer.Option(
        help="Its tags in the order of its outputs, such as O,B-Disease,I-Disease, where its "
        "config.json only says LABEL_0."
    ),
]
Licence = Annotated[str, typer.Option(help="The checkpoint's terms, for the manifest.")]
ParitySample = Annotated[
    Path | None, typer.Option("--sample", help="Documents to measure parity on.")
]
DevSet = Annotated[
    list[Path] | None,
    typer.Option(help="Annotated dev set to calibrate scores on; may be repeated."),
]


def import_(
    checkpoint: Classifier,
    output: ImportedFolder,
    label: Renamed = None,
    tags: Tags = "",
    licence: Licence = "unknown",
    sample: ParitySample = None,
    calibrate: DevSet = None,
    force: Force = False,
) -> None:
    """Make a recogniser of any token classifier: int8 where that answers as the checkpoint does,
    else fp32.

    Example: biopipe model import d4data/biomedical-ner-all -o ner --label Medication=Chemical
    """
    require_torch()
    from biopipe.train.export.sample import parity_sample
    from biopipe.train.export.task import ModelDescription

    refuse_existing(output, force=force)
    about = ModelDescription(
        name=output.resolve().name,
        licence=licence,
        tags=[tag.strip() for tag in tags.split(",")] if tags else (),
        labels=dict(_pair(option) for option in label or ()),
    )
    # Read before the export, which takes minutes: a wrong path is told at once.
    corpora = gold_corpora(calibrate)
    manifest = _export(checkpoint, output, about, parity_sample(sample))
    calibrate_and_report(output, corpora, None)
    typer.echo(
        f"It finds {', '.join(manifest.labels)}; next: biopipe model install {output}, or "
        f'nlp.add_pipe("biopipe_ner", config={{"model": "{output}"}})'
    )


def _export(
    checkpoint: str, output: Path, about: "ModelDescription", documents: "Sequence[Document]"
) -> "Manifest":
    """The model in the first precision that passes the gate."""
    from biopipe.errors import ParityError
    from biopipe.train.export.model import export_model

    for precision in _PRECISIONS:
        try:
            return export_model(
                checkpoint,
                output,
                about=about,
                precision=precision,
                documents=documents,
                task="token-classification",
            )
        except ParityError as error:
            # fp32 that differs is a fault of the export, which no other precision mends.
            if precision == _PRECISIONS[-1]:
                raise
            typer.echo(f"{error} Trying {_PRECISIONS[-1]}.", err=True)
    raise AssertionError("every precision was tried")


def _pair(option: str) -> tuple[str, str]:
    from biopipe.errors import ConfigError

    old, equals, new = option.partition("=")
    if not equals or not old or not new:
        raise ConfigError(f"--label '{option}' says no new name; give OLD=NEW.")
    return old, new
