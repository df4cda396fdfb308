"""`biopipe run`: annotate files into Parquet tables."""

import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from biopipe.cli.answer_options import JsonSummary
from biopipe.cli.column_options import IdColumn
from biopipe.cli.errors import print_error
from biopipe.cli.format_help import RunHelp
from biopipe.cli.kb_options import split_values
from biopipe.cli.pipeline_options import BaseDirectory, DeviceName, PipelineName
from biopipe.errors import ConfigError

if TYPE_CHECKING:
    from biopipe.bulk import RunPlan

__all__ = ["register"]

Inputs: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...",
        help="Files, folders, patterns or addresses (s3://, gs://, hf://) in the formats below.",
    ),
]
Output: TypeAlias = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        help="Folder for the tables documents, mentions, relations, errors, or an address of one.",
    ),
]
TextColumn: TypeAlias = Annotated[
    str, typer.Option(help="Column or field with the text, such as abstract or note.body.")
]
TitleColumn: TypeAlias = Annotated[
    str, typer.Option(help="Column or field that is put before the text, with a blank between.")
]
Keep: TypeAlias = Annotated[
    list[str],
    typer.Option(
        metavar="COLUMN",
        help="Column or field that the table documents is to have too, as text; may be repeated.",
    ),
]
Xrefs: TypeAlias = Annotated[
    list[str],
    typer.Option(
        metavar="SYSTEM",
        help="Give mentions the ids of their concepts in these systems, such as MONDO, in a column "
        "xrefs; comma or repeat.",
    ),
]
Limit: TypeAlias = Annotated[
    int | None, typer.Option(min=1, help="Read only so many records, the first of the inputs.")
]
Workers: TypeAlias = Annotated[
    int,
    typer.Option(
        min=0,
        help="Processes; each takes one fragment at a time. 0: none beside this one, unprotected.",
    ),
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
To: TypeAlias = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="FORMAT",
        help="When the run is done, write its documents in a format of biopipe convert into the "
        "output folder too: fhir, omop, pubtator, brat, jsonl and others.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("run", cls=RunHelp)(run_command)


def run_command(
    inputs: Inputs,
    output: Output,
    pipeline: PipelineName = "default",
    text_column: TextColumn = "text",
    id_column: IdColumn = "id",
    title_column: TitleColumn = "",
    keep: Keep = [],  # noqa: B006  # typer makes a list of its own for every call
    xrefs: Xrefs = [],  # noqa: B006
    limit: Limit = None,
    # A process of its own by default: a crash of native code then costs a document, not the run.
    workers: Workers = 1,
    device: DeviceName = None,
    kb: BaseDirectory = None,
    engine: EngineName = "local",
    min_workers: MinWorkers = None,
    cpus: Cpus = 1,
    gpus: Gpus = 0.0,
    timeout: Timeout = 120.0,
    loading_timeout: LoadingTimeout = 300.0,
    reading_timeout: ReadingTimeout = 600.0,
    restart: Restart = False,
    to: To = "",
    as_json: JsonSummary = False,
) -> None:
    """Annotate INPUT into Parquet tables; started again, it goes on where it stopped.

    Exits 1 when no input became a document, 130 after Ctrl-C, 143 after SIGTERM.

    Example: biopipe run abstracts.parquet 'pubmed/*.xml.gz' -o out --workers 2

    Example: biopipe run trials.csv --title-column title --keep phase --limit 100 -o look
    """
    plan = _plan(inputs, output, pipeline=pipeline, engine=engine, device=device, kb=kb)
    plan = replace(plan, text_column=text_column, id_column=id_column, title_column=title_column)
    plan = replace(plan, keep=tuple(keep), xrefs=tuple(split_values(xrefs)))
    plan = replace(plan, limit=limit, restart=restart, workers=workers, min_workers=min_workers)
    plan = replace(plan, cpus=cpus, gpus=gpus, timeout=timeout)
    plan = replace(plan, loading_timeout=loading_timeout, reading_timeout=reading_timeout)
    _execute_and_report(plan, output, to=to, as_json=as_json)


def _plan(inputs: list[str], output: str, **options: Any) -> "RunPlan":
    from biopipe.bulk.runner import make_plan

    return make_plan(inputs, output, **options)


def _check_export(plan: "RunPlan", to: str) -> None:
    """ConfigError before anything is run where its export could not be written."""
    from biopipe.cli.exports import check_export

    check_export(to)
    if plan.output_url:
        from biopipe.io.addresses import shown_url

        raise ConfigError(
            f"--to {to} writes to a folder of this machine, not to {shown_url(plan.output_url)}; "
            "run without it, and use biopipe convert on a copy of the folder."
        )


def _execute_and_report(plan: "RunPlan", output: str, *, to: str, as_json: bool) -> None:
    """Run with a progress bar, write the export and print the summary; `output` is as the user
    named it.
    """
    from biopipe.bulk import execute
    from biopipe.cli.exports import counts_sentence, export_run
    from biopipe.cli.progress import RunProgress
    from biopipe.cli.run_report import print_summary

    # Before the run, which may take a night, and not after it.
    if to:
        _check_export(plan, to)
    with RunProgress() as progress:
        try:
            summary = execute(plan, on_progress=progress)
        # 128 and the signal's number, as shells have it: 130 for Ctrl-C, 143 for SIGTERM.
        except KeyboardInterrupt as error:
            print_error(progress.interrupted(output))
            raise typer.Exit(128 + getattr(error, "signal", signal.SIGINT)) from None
    export = export_run(plan.output, to) if to and not summary.all_failed else None
    exported = {"file": str(export[0]), **export[1]} if export else None
    print_summary(summary, as_json=as_json, export=exported)
    if export and not as_json:
        typer.echo(counts_sentence(*export))
    if summary.all_failed:
        print_error(f"No input became a document; the table {output}/errors says why of each.")
        raise typer.Exit(1)
