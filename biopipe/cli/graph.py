"""`biopipe graph`: the output of runs to a knowledge graph."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from biopipe.cli.answer_options import JsonSummary
from biopipe.cli.kb_options import split_values
from biopipe.errors import ConfigError

if TYPE_CHECKING:
    from biopipe.graph import GraphOptions, GraphSummary

__all__ = ["register"]

GraphPath: TypeAlias = Annotated[
    Path, typer.Option("--output", "-o", help="Folder for nodes.parquet and edges.parquet.")
]
RunOutputs: TypeAlias = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="OUT...",
        help="Output folders of biopipe run; none to export a graph that is there.",
    ),
]
Add: TypeAlias = Annotated[
    bool, typer.Option("--add", help="Add what is new in OUT to the graph that is there.")
]
Replace: TypeAlias = Annotated[
    bool, typer.Option("--restart", help="Replace the graph that is there.")
]
KeepNil: TypeAlias = Annotated[
    bool, typer.Option("--nil", help="Keep concepts that no knowledge base knows (NIL: ids).")
]
Directed: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--directed",
        help="The end that acts heads the edge; else the order of the ends means nothing.",
    ),
]
Opposites: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="A=B", help="Two relation labels that contradict each other; may be repeated."
    ),
]
Prefer: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="SYSTEM",
        help="Give concepts the id that they have in these systems, such as MONDO, where they have "
        "one; comma or repeat.",
    ),
]
Base: TypeAlias = Annotated[
    str, typer.Option("--kb", metavar="KB", help="The knowledge base whose ids --prefer goes by.")
]
ExportFormats: TypeAlias = Annotated[
    str,
    typer.Option(metavar="FORMATS", help="Also write graphml, neo4j, sif; several with commas."),
]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("graph")(graph)


def graph(
    graph: GraphPath,
    outputs: RunOutputs = None,
    add: Add = False,
    restart: Replace = False,
    nil: KeepNil = False,
    directed: Directed = False,
    opposite: Opposites = None,
    prefer: Prefer = None,
    kb: Base = "default",
    export: ExportFormats = "",
    as_json: JsonSummary = False,
) -> None:
    """Aggregate OUT into concepts and relations with their evidence.

    Example: biopipe graph out -o graph --export graphml,sif

    Example: biopipe graph out -o graph --prefer MONDO,OMIM
    """
    from biopipe.graph import build_graph
    from biopipe.kb.build.progress import progress_bar

    options = _options(nil, directed, opposite or [], tuple(split_values(prefer)), kb)
    with progress_bar("Reading documents") as progress:
        summary = build_graph(
            outputs or [],
            graph,
            options=options,
            add=add,
            restart=restart,
            exports=[name.strip() for name in export.split(",") if name.strip()],
            on_documents=progress,
        )
    if as_json:
        typer.echo(json.dumps(summary.to_dict(), indent=2))
    else:
        typer.echo("\n".join(_lines(summary)))


def _options(
    nil: bool, directed: bool, opposite: list[str], prefer: tuple[str, ...], kb: str
) -> "GraphOptions | None":
    """The options given; None when none was, so that an existing graph keeps its own."""
    from biopipe.graph import GraphOptions
    from biopipe.kb.default import DEFAULT

    if kb != DEFAULT and not prefer:
        raise ConfigError(f"--kb {kb} says nothing alone; name the systems of ids with --prefer.")
    # Adding to a graph must not change by default what it was made with.
    if not (nil or directed or opposite or prefer):
        return None
    if not opposite:
        return GraphOptions(nil, directed, prefer=prefer, kb=kb)
    pairs = [pair.partition("=")[::2] for pair in opposite]
    wrong = next(
        (text for text, (a, b) in zip(opposite, pairs, strict=True) if not a or not b or a == b),
        None,
    )
    if wrong is not None:
        raise ConfigError(f"'{wrong}' is no pair of opposite labels; write two labels as A=B.")
    # Sorted, so that the order of options makes no other graph.
    opposites = tuple(sorted((min(pair), max(pair)) for pair in pairs))
    return GraphOptions(nil, directed, opposites, prefer, kb)


def _lines(summary: "GraphSummary") -> Iterator[str]:
    counts = summary.counts
    yield (
        f"{summary.graph}: {summary.nodes:,} concepts, {summary.edges:,} edges from "
        f"{counts['documents']:,} documents ({summary.contradicted:,} edges are contradicted)."
    )
    added = f"Added {summary.parts_added:,} parts in {summary.seconds:.1f} s"
    yield (
        f"{added}; {summary.parts_before:,} were in the graph before."
        if summary.parts_before
        else f"{added}."
    )
    for name, sentence in _LEFT_OUT.items():
        if counts[name]:
            yield sentence.format(counts[name])
    # Its finished parts are in the graph; later ones are new parts of the same output.
    for output in summary.unfinished:
        yield f"The run of {output} is not finished; add it again when it is."
    if summary.exports:
        yield f"Exported as {', '.join(summary.exports)}."


_LEFT_OUT = {
    "repeated_documents": "{:,} documents left out: another with the same id came before.",
    "unlinked_relations": "{:,} relations left out: an end has no concept id (--nil keeps them).",
    "malformed_dates": "{:,} documents have a date that cannot be read; they are in without it.",
    "undated_documents": "{:,} documents have no date.",
}
