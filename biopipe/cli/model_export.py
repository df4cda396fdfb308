"""`biopipe model export`: a trained checkpoint becomes a model directory."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biopipe.cli.training import log, require_torch

if TYPE_CHECKING:
    from biopipe.document import Document
    from biopipe.train.export.task import ModelDescription

__all__ = ["calibrate_and_report", "export", "gold_corpora", "refuse_existing"]


class Precision(str, Enum):
    """Number format of an exported graph."""

    int8 = "int8"
    fp16 = "fp16"
    fp32 = "fp32"
    both = "both"


CheckpointArgument = Annotated[
    str, typer.Argument(help="A trained checkpoint: local folder or hub id.")
]
ModelFolder = Annotated[Path, typer.Option("-o", "--output", help="Folder of the model directory.")]
ManifestName = Annotated[
    str | None, typer.Option(help="Name in the manifest; default: the folder's.")
]
PrecisionOption = Annotated[
    Precision, typer.Option(help="Of model.onnx; both: int8, and fp32 into OUTPUT-fp32.")
]
Also = Annotated[
    list[Precision] | None,
    typer.Option(help="A further precision in the same folder; may be repeated."),
]
Sample = Annotated[Path | None, typer.Option(help="Documents to measure parity on.")]
Calibrate = Annotated[
    list[Path] | None,
    typer.Option(
        help="Annotated dev set to calibrate scores on; may be repeated, each counts alike."
    ),
]
CalibrationOf = Annotated[
    str | None,
    typer.Option(
        help="Tagger whose calibration and thresholds this one takes, as it was trained alike on "
        "fewer documents."
    ),
]
BaseModel = Annotated[str, typer.Option(help="What the checkpoint was fine-tuned from.")]
Task = Annotated[
    str | None, typer.Option(help="What it does, where our trainers did not leave word.")
]
PoolingOption = Annotated[
    str, typer.Option(help="Of a bi-encoder from elsewhere: cls (SapBERT) or mean.")
]
StatesLayer = Annotated[
    int | None,
    typer.Option(help="Also give a tagger's hidden states after this layer, as output 'states'."),
]
Agreement = Annotated[
    float,
    typer.Option(
        help="How much the other occurrences of a word in its document count for a tagger, 0 to 1."
    ),
]
ShortForms = Annotated[
    bool,
    typer.Option(
        "--short-forms", help="A tagger's short forms have the labels of their long forms."
    ),
]

Force = Annotated[bool, typer.Option("--force", help="Replace a model that is there.")]


def export(
    checkpoint: CheckpointArgument,
    output: ModelFolder,
    name: ManifestName = None,
    precision: PrecisionOption = Precision.both,
    also: Also = None,
    sample: Sample = None,
    calibrate: Calibrate = None,
    calibration_of: CalibrationOf = None,
    licence: str = "Apache-2.0",
    base_model: BaseModel = "",
    task: Task = None,
    pooling: PoolingOption = "",
    states_layer: StatesLayer = None,
    agreement: Agreement = 0.0,
    short_forms: ShortForms = False,
    force: Force = False,
) -> None:
    """Write a checkpoint as a model directory, ONNX or for training; what differs much is refused.

    Example: biopipe model export tagger -o models/tagger --calibrate dev.pubtator
    """
    require_torch()
    from biopipe.train.export.model import export_model
    from biopipe.train.export.task import ModelDescription

    as_encoder = _is_encoder(checkpoint, task)
    _check_calibration(calibrate, calibration_of, as_encoder=as_encoder)
    about = ModelDescription(name or output.name, licence=licence, base_model=base_model)
    about = replace(about, pooling=pooling, agreement=agreement, short_forms=short_forms)
    # Read before the export, for a wrong path should not come to light after it.
    documents, corpora = _sample(sample), gold_corpora(calibrate)
    targets = {output: ""} if as_encoder else _targets(output, precision)
    _refuse_any(targets, force=force)
    export_to = partial(export_model, checkpoint, about=about, task=task, states_layer=states_layer)
    for target, first in targets.items():
        if as_encoder:
            _export_encoder(checkpoint, target, about, documents)
        else:
            export_to(target, precision=first, also=_further(also or ()), documents=documents)
            calibrate_and_report(target, corpora, calibration_of)


def _refuse_any(targets: Iterable[Path], *, force: bool) -> None:
    """All before the first is written: an export takes minutes."""
    for target in targets:
        refuse_existing(target, force=force)


def _is_encoder(checkpoint: str, task: str | None) -> bool:
    from biopipe.train.export.encoder import ENCODER_TASK, is_encoder
    from biopipe.train.export.model import left_by_trainer

    # What is trained from a masked language model keeps its configuration.
    untold = task is None and not left_by_trainer(checkpoint)
    return task == ENCODER_TASK or (untold and is_encoder(checkpoint))


def _sample(path: Path | None) -> "list[Document]":
    from biopipe.train.export.sample import parity_sample

    return parity_sample(path)


def _check_calibration(
    calibrate: Sequence[Path] | None, calibration_of: str | None, *, as_encoder: bool
) -> None:
    from biopipe.errors import ConfigError

    if calibrate and calibration_of:
        raise ConfigError("Give --calibrate or --calibration-of, not both.")
    if as_encoder and (calibrate or calibration_of):
        raise ConfigError("An encoder has no scores to calibrate; leave the calibration out.")


def _export_encoder(
    checkpoint: str, output: Path, about: "ModelDescription", documents: "Sequence[Document]"
) -> None:
    from biopipe.train.export.encoder import export_encoder

    manifest = export_encoder(checkpoint, output, about=about, documents=documents)
    typer.echo(f"{output}: an encoder to train on, {json.dumps(manifest.parity)}")


def _targets(output: Path, precision: Precision) -> dict[Path, str]:
    """The folders to write, each with the precision of its model.onnx."""
    if precision is Precision.both:
        return {output: "int8", output.with_name(f"{output.name}-fp32"): "fp32"}
    return {output: precision.value}


def _further(also: Sequence[Precision]) -> list[str]:
    from biopipe.errors import ConfigError

    if Precision.both in also:
        raise ConfigError("--also takes one precision at a time; give --also fp32 or --also fp16.")
    return [precision.value for precision in also]


def refuse_existing(model: Path, *, force: bool) -> None:
    """OutputError where there is a model already, unless with `force`."""
    from biopipe.errors import OutputError
    from biopipe.io.manifest_files import MANIFEST

    if (model / MANIFEST).exists() and not force:
        raise OutputError(f"There is a model in {model} already; give --force to replace it.")


def gold_corpora(paths: Sequence[Path] | None) -> "list[list[Document]]":
    """The documents of each file; an error of one comes before the work of an export."""
    from biopipe.train.common.corpora import read_gold_corpus

    return [read_gold_corpus(path, log) for path in paths or ()]


def calibrate_and_report(
    target: Path, corpora: "Sequence[Sequence[Document]]", like: str | None
) -> None:
    """Calibrate a model on gold corpora or `like` another, and print what it is.

    InputError where a corpus gives too little to calibrate on; the model is there all the same.
    """
    from biopipe.errors import InputError
    from biopipe.runtime.manifest import load_manifest
    from biopipe.train.common.calibration import calibrate_model, take_calibration

    if corpora:
        try:
            calibrate_model(target, *corpora)
        except InputError as error:
            reason = f"{str(error)[:1].lower()}{str(error)[1:]}"
            raise InputError(f"{target} is written, but not calibrated: {reason}") from error
    if like is not None:
        take_calibration(target, like)
    manifest = load_manifest(target)
    parity = {name: variant["parity"] for name, variant in manifest.variants.items()}
    measures = json.dumps({"parity": parity, "calibration": manifest.calibration})
    typer.echo(f"{target}: {', '.join(manifest.variants)}, {measures}")
