"""`biopipe run`: annotate files into Parquet tables."""

import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from biopipe.cli.errors import print_error

if TYPE_CHECKING:
    from biopipe.bulk import RunPlan

__all__ = ["register"]

Inputs: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...",
        help="Files, folders or patterns: Parquet, JSON lines, PubTator, BioC, PubMed and PMC XML "
        "(also .gz).",
    ),
]
Output: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--output", "-o", help="Folder for the tables documents, mentions, relations, errors."
    ),
]
Pipeline: TypeAlias = Annotated[
    str,
    typer.Option(
        help="'default', 'fast', a folder of nlp.to_disk, a .json or .cfg file, or a spaCy package."
    ),
]
TextColumn: TypeAlias = Annotated[str, typer.Option(help="Column or field with the text.")]
IdColumn: TypeAlias = Annotated[str, typer.Option(help="Column or field with the id.")]
Workers: TypeAlias = Annotated[
    int,
    typer.Option(
        min=0,
        help="Processes; each takes one fragment at a time. 0: none beside this one, unprotected.",
    ),
]
DeviceName: TypeAlias = Annotated[
    str | None, typer.Option(help="cpu, cuda or cuda:N in place of what the pipeline says.")
]
EngineName: TypeAlias = Annotated[str, typer.Option(help="local, or ray for a Ray cluster.")]
MinWorkers: TypeAlias = Annotated[
    int | None, typer.Option(min=1, help="Ray: begin with so many and grow to --workers.")
]
Cpus: TypeAlias = Annotated[int, typer.Option(min=1, help="Ray: CPUs of each worker.")]
Gpus: TypeAlias = Annotated[float, typer.Option(min=0, help="Ray: GPUs of each, such as 0.25.")]
Timeout: TypeAlias = Annotated[
    float,
    typer.Option(
        min=0,
        help="Seconds a document may take (more above 100,000 characters) before it becomes an "
        "error row; 0: any time.",
    ),
]
LoadingTimeout: TypeAlias = Annotated[
    float,
    typer.Option(
        min=0,
        help="Seconds a worker may take to load the pipeline before it is replaced; 0: any time.",
    ),
]
ReadingTimeout: TypeAlias = Annotated[
    float,
    typer.Option(
        min=0,
        help="Seconds a worker may read without coming to a document before it is replaced and, "
        "after the third time, its input an error row; 0: any time.",
    ),
]
Restart: TypeAlias = Annotated[
    bool,
    typer.Option("--restart", help="Delete the parts of earlier runs in the output folder first."),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("run")(run)


def run(
    inputs: Inputs,
    output: Output,
    pipeline: Pipeline = "default",
    text_column: TextColumn = "text",
    id_column: IdColumn = "id",
    workers: Workers = 1,
    device: DeviceName = None,
    engine: EngineName = "local",
    min_workers: MinWorkers = None,
    cpus: Cpus = 1,
    gpus: Gpus = 0.0,
    timeout: Timeout = 120.0,
    loading_timeout: LoadingTimeout = 300.0,
    reading_timeout: ReadingTimeout = 600.0,
    restart: Restart = False,
    as_json: AsJson = False,
) -> None:
    """Annotate INPUT into Parquet tables; started again, it goes on where it stopped.

    Exits 1 when no input became a document, 130 after Ctrl-C, 143 after SIGTERM.

    Example: biopipe run abstracts.parquet 'pubmed/*.xml.gz' -o out --workers 2
    """
    from biopipe.bulk import RunPlan

    plan = RunPlan(
        inputs=tuple(inputs),
        output=output.absolute(),
        pipeline=pipeline,
        text_column=text_column,
        id_column=id_column,
        engine=engine,
        workers=workers,
        timeout=timeout,
        loading_timeout=loading_timeout,
        reading_timeout=reading_timeout,
        restart=restart,
    )
    plan = replace(plan, device=device, min_workers=min_workers, cpus=cpus, gpus=gpus)
    _execute_and_report(plan, output, as_json=as_json)


def _execute_and_report(plan: "RunPlan", output: Path, *, as_json: bool) -> None:
    """Run with a progress bar and print the summary; `output` is the folder as the user named it."""
    from biopipe.bulk import execute
    from biopipe.cli.progress import RunProgress
    from biopipe.cli.run_report import print_summary

    with RunProgress() as progress:
        try:
            summary = execute(plan, on_progress=progress)
        except KeyboardInterrupt as error:
            print_error(progress.interrupted(output))
            raise typer.Exit(128 + getattr(error, "signal", signal.SIGINT)) from None
    print_summary(summary, as_json=as_json)
    if summary.all_failed:
        print_error(f"No input became a document; the table {output}/errors says why of each.")
        raise typer.Exit(1)
