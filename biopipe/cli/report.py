"""`biopipe report`: the output of a run as one page to look at."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from biopipe.cli.answer_options import JsonSummary

if TYPE_CHECKING:
    from biopipe.report import ReportSummary

__all__ = ["register"]

RunOutput: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="OUT", help="Output folder of biopipe run, or an address (s3://...)."),
]
PagePath: TypeAlias = Annotated[Path, typer.Option("--output", "-o", help="The HTML file.")]
Documents: TypeAlias = Annotated[
    int, typer.Option(min=1, help="Documents that can be opened in the page, at most.")
]
Concepts: TypeAlias = Annotated[
    int, typer.Option(min=1, help="Concepts ranked of each type, at most.")
]
WithoutTexts: TypeAlias = Annotated[
    bool, typer.Option("--without-texts", help="Keep the sentences of the inputs out of the page.")
]

_MEGABYTE = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("report")(report)


def report(
    output: RunOutput,
    page: PagePath,
    documents: Documents = 2000,
    concepts: Concepts = 100,
    without_texts: WithoutTexts = False,
    as_json: JsonSummary = False,
) -> None:
    """Write OUT as one HTML page: counts, concepts, graph, evidence, documents, errors.

    The page needs no other file and asks no host for anything. It holds texts of the inputs unless
    --without-texts is given.

    Example: biopipe report out -o page.html
    """
    from biopipe.report import ReportOptions, write_report

    options = ReportOptions(documents=documents, concepts=concepts, texts=not without_texts)
    summary = write_report(output, page, options=options)
    typer.echo(json.dumps(summary.to_dict(), indent=2) if as_json else _sentences(summary))


def _sentences(summary: "ReportSummary") -> str:
    lines = [
        f"{summary.page}: {summary.bytes / _MEGABYTE:.1f} MB, {summary.documents:,} of "
        f"{summary.all_documents:,} documents, {summary.concepts:,} of {summary.all_concepts:,} "
        "concepts."
    ]
    if summary.missing_texts:
        lines.append(
            f"The texts of {summary.missing_texts:,} documents are no longer where the run read "
            "them; the page shows the words of their mentions."
        )
    return "\n".join(lines)
