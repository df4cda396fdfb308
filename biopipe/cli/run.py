"""`biopipe run`: annotate files into Parquet tables."""

import json
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biopipe.cli.errors import print_error

if TYPE_CHECKING:
    from rich.table import Table

    from biopipe.bulk.output.summary import Summary

__all__ = ["register"]

_NAMED = 5


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("run")(run)


def run(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Files, folders or patterns: Parquet, JSON lines, PubTator, BioC, PubMed and PMC XML (also .gz).",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="Folder for the tables documents, mentions, relations, errors."
        ),
    ],
    pipeline: Annotated[
        str,
        typer.Option(
            help="'default', 'fast', a folder of nlp.to_disk, a .json or .cfg file, or a spaCy package."
        ),
    ] = "default",
    text_column: Annotated[str, typer.Option(help="Column or field with the text.")] = "text",
    id_column: Annotated[str, typer.Option(help="Column or field with the id.")] = "id",
    workers: Annotated[
        int,
        typer.Option(
            min=0,
            help="Processes; each takes one fragment at a time. 0: none beside this one, unprotected.",
        ),
    ] = 1,
    device: Annotated[
        str | None, typer.Option(help="cpu, cuda or cuda:N in place of what the pipeline says.")
    ] = None,
    engine: Annotated[str, typer.Option(help="local, or ray for a Ray cluster.")] = "local",
    min_workers: Annotated[
        int | None, typer.Option(min=1, help="Ray: begin with so many and grow to --workers.")
    ] = None,
    cpus: Annotated[int, typer.Option(min=1, help="Ray: CPUs of each worker.")] = 1,
    gpus: Annotated[
        float, typer.Option(min=0, help="Ray: GPUs of each worker, such as 0.25.")
    ] = 0.0,
    timeout: Annotated[
        float,
        typer.Option(
            min=0,
            help="Seconds a document may take (more above 100,000 characters) before it becomes an error row; "
            "0: any time.",
        ),
    ] = 120.0,
    restart: Annotated[
        bool,
        typer.Option(
            "--restart", help="Delete the parts of earlier runs in the output folder first."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Annotate INPUT into Parquet tables; started again, it goes on where it stopped."""
    from biopipe.cli.progress import RunProgress

    with RunProgress() as progress:
        try:
            from biopipe import bulk

            summary = bulk.run(
                inputs,
                output,
                pipeline=pipeline,
                text_column=text_column,
                id_column=id_column,
                workers=workers,
                device=device,
                engine=engine,
                min_workers=min_workers,
                cpus=cpus,
                gpus=gpus,
                timeout=timeout,
                restart=restart,
                on_progress=progress,
            )
        except KeyboardInterrupt as error:
            print_error(progress.interrupted(output))
            # As shells tell it: 130 after Ctrl-C, 143 after SIGTERM.
            raise typer.Exit(128 + getattr(error, "signal", signal.SIGINT)) from None
    if as_json:
        typer.echo(json.dumps(summary.to_dict(), indent=2))
    else:
        _print(summary)


def _print(summary: "Summary") -> None:
    from rich.console import Console

    console = Console(highlight=False)
    for line in _lines(summary):
        console.print(line, markup=False, soft_wrap=True)
    counts = summary.counts
    if counts.mentions:
        console.print(_table("Mentions", "linked", counts.mentions, counts.linked))
    if counts.relations:
        console.print(_table("Relations", "novel", counts.relations, counts.novel))


def _lines(summary: "Summary") -> Iterator[str]:
    counts = summary.counts
    if summary.parts:
        yield (
            f"Annotated {_several(summary.inputs, 'input')} in {summary.seconds:.1f} s: "
            f"{summary.loading_seconds:.1f} s to load, then {summary.per_second:.1f} a second."
        )
    else:
        yield "Nothing to do: every part was finished before."
    if summary.parts and summary.parts_before:
        yield f"{_several(summary.parts_before, 'part')} finished before and left as they were."
    if summary.damaged:
        names = ", ".join(summary.damaged[:_NAMED]) + (
            ", ..." if len(summary.damaged) > _NAMED else ""
        )
        yield f"{_several(len(summary.damaged), 'part')} taken out: damaged since they were written ({names})."
    if outdated := summary.parts_redone - len(summary.damaged):
        yield f"{_several(outdated, 'part')} taken out: the input has changed since."
    yield (
        f"{summary.output} holds {_several(counts.inputs, 'input')}: "
        f"{_several(counts.documents, 'document')} and {summary.failed:,} failed."
    )
    if summary.repeated_ids:
        yield f"{_several(summary.repeated_ids, 'document')} with an id that another document had before."
    if counts.errors:
        yield f"{_several(counts.errors, 'error row')} in {summary.output}/errors, the first:"
        for error in summary.first_errors:
            yield f"  {error}"


def _several(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _table(title: str, column: str, counts: Mapping[str, int], part: Mapping[str, int]) -> "Table":
    """Counts by label, the most frequent first, and the share of each that is also in `part`."""
    from rich.table import Table

    table = Table("", title.lower(), column, "share", title=title, title_justify="left")
    for number in range(1, 4):
        table.columns[number].justify = "right"
    ordered = sorted(counts, key=lambda label: (-counts[label], label))
    rows = [(label, counts[label], part.get(label, 0)) for label in ordered]
    rows.append(("all", sum(counts.values()), sum(part.values())))
    for label, count, selected in rows:
        table.add_row(label, f"{count:,}", f"{selected:,}", f"{selected / count:.0%}")
    return table
