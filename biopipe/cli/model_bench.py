"""`biopipe model bench`: how fast a model's graphs are on this device."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from biopipe.cli.answer_options import JsonAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from biopipe.evaluate.speed import Timed

__all__ = ["bench"]

Models = Annotated[list[str], typer.Argument(help="Model directories or names of shipped models.")]
DeviceOption = Annotated[str, typer.Option(help="cpu, cuda or cuda:N.")]
Variants = Annotated[str, typer.Option(help="Precisions, with commas; default: all there are.")]
SampleSize = Annotated[
    int, typer.Option(min=1, max=32, help="Of the sample that comes with biopipe.")
]
Rounds = Annotated[int, typer.Option(min=1, help="Each graph runs once a round, in turn.")]
Threads = Annotated[
    int | None, typer.Option(min=1, help="Default: the cores this process may use.")
]


def bench(
    models: Models,
    device: DeviceOption = "cpu",
    variants: Variants = "",
    documents: SampleSize = 32,
    rounds: Rounds = 5,
    threads: Threads = None,
    json_: JsonAnswer = False,
) -> None:
    """Print tokens per second of each variant on this device, in turn, and how it compares with the
    first.

    Example: biopipe model bench biopipe-ner-minilm biopipe-relations-shared --threads 1
    """
    from biopipe.evaluate.speed import graph_speeds

    graphs = _graphs(models, variants, documents, device)
    timed = graph_speeds(graphs, device=device, threads=threads, rounds=rounds)
    first = next(iter(timed.values()))
    rows = {name: _row(graph, first) for name, graph in timed.items()}
    if json_:
        about = {"device": device, "tokens": first.tokens, "rounds": rounds, "variants": rows}
        typer.echo(json.dumps(about, indent=2))
        return
    # Tabs, so that the lines go into a sheet as they are.
    for name, row in rows.items():
        typer.echo(
            f"{name}\t{row['tokens_per_second']} tokens/s\t{row['times_as_fast']} x "
            f"{next(iter(rows))}\t{row['megabytes']} MB"
        )


def _graphs(models: list[str], variants: str, documents: int, device: str) -> "Mapping[str, Timed]":
    """The graphs of the models by name, with what they are fed."""
    from biopipe.evaluate.speed import Timed, model_feeds, sample_documents, variant_files
    from biopipe.runtime.opened import open_model

    # One sample for all, or their speeds could not be compared.
    sample, graphs = sample_documents(documents), {}
    wanted = [name.strip() for name in variants.split(",") if name.strip()]
    for model in models:
        path, manifest = open_model(model)
        feeds = model_feeds(path, sample, device=device)
        for precision, file in variant_files(path, manifest, wanted).items():
            name = precision if len(models) == 1 else f"{path.name} {precision}"
            graphs[name] = Timed(file, feeds)
    return graphs


def _row(graph: "Timed", first: "Timed") -> dict[str, Any]:
    return {
        "tokens_per_second": round(graph.tokens_per_second),
        "times_as_fast": round(graph.times_as_fast(first), 2),
        "megabytes": round(graph.path.stat().st_size / 1e6, 1),
    }
