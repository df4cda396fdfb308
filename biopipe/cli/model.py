"""`biopipe model`: list, inspect, verify, export and time models."""

import json
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from biopipe.linking.mention_prior import PRIOR_TASK

app = typer.Typer(no_args_is_help=True, help="List, inspect, verify, export and time models.")


class Precision(str, Enum):
    """Number format of an exported graph."""

    int8 = "int8"
    fp16 = "fp16"
    fp32 = "fp32"
    both = "both"


@app.command("list")
def list_() -> None:
    """Name the models that came with this biopipe."""
    from biopipe.runtime.manifest import load_manifest
    from biopipe.runtime.models import find_model, list_models

    for name in list_models():
        manifest = load_manifest(find_model(name))
        typer.echo(f"{name}\t{manifest.version}\t{manifest.task}\t{', '.join(manifest.labels)}")


@app.command()
def info(
    model: str, json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Say what a model is: task, labels, base, licence, training data, metrics."""
    from biopipe.runtime.manifest import load_manifest
    from biopipe.runtime.models import find_model

    about = asdict(load_manifest(find_model(model)))
    if json_:
        typer.echo(json.dumps(about, indent=2, ensure_ascii=False))
        return
    for key, value in about.items():
        typer.echo(
            f"{key}: "
            f"{value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)}"
        )


@app.command()
def verify(model: str) -> None:
    """Check a model's files against the hashes in its manifest and open its graph, if it has
    one.
    """
    from biopipe.runtime.manifest import load_manifest
    from biopipe.runtime.models import find_model
    from biopipe.runtime.session import Session

    path = find_model(model)
    manifest = load_manifest(path)
    said = f"{path}: {len(manifest.files)} files as the manifest says"
    if manifest.task != PRIOR_TASK:
        said += f"; the graph gives {', '.join(Session(path / 'model.onnx').outputs)}"
    typer.echo(f"{said}.")


@app.command()
def export(
    checkpoint: Annotated[
        str, typer.Argument(help="A trained checkpoint: local folder or hub id.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the model directory.")],
    name: Annotated[
        str | None, typer.Option(help="Name in the manifest; default: the folder's.")
    ] = None,
    precision: Annotated[
        Precision, typer.Option(help="Of model.onnx; both: int8, and fp32 into OUTPUT-fp32.")
    ] = Precision.both,
    also: Annotated[
        list[Precision] | None,
        typer.Option(help="A further precision in the same folder; may be repeated."),
    ] = None,
    sample: Annotated[Path | None, typer.Option(help="PubTator to measure parity on.")] = None,
    calibrate: Annotated[
        list[Path] | None,
        typer.Option(
            help="PubTator dev set to calibrate scores on; may be repeated, each counts alike."
        ),
    ] = None,
    licence: str = "Apache-2.0",
    base_model: Annotated[str, typer.Option(help="What the checkpoint was fine-tuned from.")] = "",
    task: Annotated[
        str | None, typer.Option(help="What it does, where our trainers did not leave word.")
    ] = None,
    pooling: Annotated[
        str, typer.Option(help="Of a bi-encoder from elsewhere: cls (SapBERT) or mean.")
    ] = "",
    states_layer: Annotated[
        int | None,
        typer.Option(
            help="Also give a tagger's hidden states after this layer, as output 'states'."
        ),
    ] = None,
    agreement: Annotated[
        float,
        typer.Option(
            help="How much the other occurrences of a word in its document count for a tagger, 0 to 1."
        ),
    ] = 0.0,
    short_forms: Annotated[
        bool,
        typer.Option(
            "--short-forms", help="A tagger's short forms have the labels of their long forms."
        ),
    ] = False,
) -> None:
    """Write a checkpoint as an ONNX model directory; one that differs too much is refused."""
    from biopipe.errors import ConfigError
    from biopipe.extras import require
    from biopipe.io import read

    require("torch", "train")
    from biopipe.train.common.calibration import calibrate_model
    from biopipe.train.export.model import export_model
    from biopipe.train.export.sample import parity_sample
    from biopipe.train.export.task import ModelDescription

    if Precision.both in (also or ()):
        raise ConfigError("--also takes one precision at a time; give --also fp32 or --also fp16.")
    about = ModelDescription(
        name=name or output.name,
        licence=licence,
        base_model=base_model,
        pooling=pooling,
        agreement=agreement,
        short_forms=short_forms,
    )
    targets = {precision.value: output}
    if precision is Precision.both:
        targets = {"int8": output, "fp32": output.with_name(f"{output.name}-fp32")}
    documents = parity_sample(sample)
    for each, target in targets.items():
        manifest = export_model(
            checkpoint,
            target,
            about=about,
            precision=each,
            also=[other.value for other in also or ()],
            documents=documents,
            task=task,
            states_layer=states_layer,
        )
        if calibrate:
            manifest = calibrate_model(
                target, *(list(read(path, format="pubtator")) for path in calibrate)
            )
        parity = {name: variant["parity"] for name, variant in manifest.variants.items()}
        said = json.dumps({"parity": parity, "calibration": manifest.calibration})
        typer.echo(f"{target}: {', '.join(manifest.variants)}, {said}")


@app.command()
def bench(
    models: Annotated[
        list[str], typer.Argument(help="Model directories or names of shipped models.")
    ],
    device: Annotated[str, typer.Option(help="cpu, cuda or cuda:N.")] = "cpu",
    variants: Annotated[
        str, typer.Option(help="Precisions, with commas; default: all there are.")
    ] = "",
    documents: Annotated[
        int, typer.Option(min=1, max=32, help="Of the sample that comes with biopipe.")
    ] = 32,
    rounds: Annotated[int, typer.Option(min=1)] = 5,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Default: the cores this process may use.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print tokens per second of each variant on this device, in turn, and how it compares with the
    first.
    """
    from biopipe.evaluate.speed import (
        Timed,
        graph_speeds,
        model_feeds,
        sample_documents,
        variant_files,
    )
    from biopipe.runtime.manifest import load_manifest
    from biopipe.runtime.models import find_model

    sample, graphs = sample_documents(documents), {}
    wanted = [each.strip() for each in variants.split(",") if each.strip()]
    for model in models:
        path = find_model(model)
        manifest = load_manifest(path)
        files = variant_files(path, manifest, wanted)
        feeds = model_feeds(path, sample, device=device)
        for precision, file in files.items():
            graphs[precision if len(models) == 1 else f"{path.name} {precision}"] = Timed(
                file, feeds
            )
    timed = graph_speeds(graphs, device=device, threads=threads, rounds=rounds)
    first = next(iter(timed.values()))
    rows = {
        name: {
            "tokens_per_second": round(each.tokens_per_second),
            "times_as_fast": round(each.times_as_fast(first), 2),
            "megabytes": round(each.path.stat().st_size / 1e6, 1),
        }
        for name, each in timed.items()
    }
    if json_:
        typer.echo(
            json.dumps(
                {"device": device, "tokens": first.tokens, "rounds": rounds, "variants": rows},
                indent=2,
            )
        )
        return
    for name, row in rows.items():
        typer.echo(
            f"{name}\t{row['tokens_per_second']} tokens/s\t{row['times_as_fast']} x "
            f"{next(iter(rows))}\t{row['megabytes']} MB"
        )
