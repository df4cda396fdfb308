"""`biopipe model`: list, inspect, verify, export, import, pack, install and time models."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from biopipe.cli.model_bench import bench
from biopipe.cli.model_export import export
from biopipe.cli.model_import import import_
from biopipe.cli.packs import install_model_pack, pack_model_directory

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Make, pack, install, inspect and time models.")


@app.command("list")
def print_models() -> None:
    """Name the models that came with this biopipe or were installed.

    Example: biopipe model list
    """
    from biopipe.runtime.models import list_models
    from biopipe.runtime.opened import open_model

    for name in list_models():
        manifest = open_model(name).manifest
        typer.echo(f"{name}\t{manifest.version}\t{manifest.task}\t{', '.join(manifest.labels)}")


@app.command("info")
def model_info(
    model: str, json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Say what a model is: task, labels, base, licence, training data, metrics.

    Example: biopipe model info biopipe-ner-minilm
    """
    from biopipe.runtime.opened import open_model

    about = asdict(open_model(model).manifest)
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

    Example: biopipe model verify biopipe-ner-minilm
    """
    from biopipe.runtime.opened import open_model
    from biopipe.runtime.session import Session

    path, manifest = open_model(model)
    line = f"{path}: {len(manifest.files)} files as the manifest says"
    # Mention priors and linker weights are numbers in a file, encoders a checkpoint.
    if "model.onnx" in manifest.files:
        line += f"; the graph gives {', '.join(Session(path / 'model.onnx').outputs)}"
    typer.echo(f"{line}.")


app.command()(export)
app.command("import")(import_)
app.command("pack")(pack_model_directory)
app.command("install")(install_model_pack)
app.command()(bench)
