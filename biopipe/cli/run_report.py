"""What `biopipe run` prints when it ends."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from biopipe.bulk.output.summary import Summary

__all__ = ["print_summary"]

# Damaged parts that are named; the others are a number.
_NAMED = 5


def print_summary(
    summary: "Summary", *, as_json: bool = False, export: Mapping[str, object] | None = None
) -> None:
    """Print what a run did and what its folder holds to stdout, and to stderr which inputs are
    gone; as JSON with the file and counts of its `export`, if there is one.
    """
    for path in summary.missing_inputs:
        typer.echo(
            f"Warning: the input {path} is gone; what was made of it stays in {summary.output}, "
            "unless you give --restart.",
            err=True,
        )
    # Warnings have gone to stderr: stdout holds nothing but the object.
    if as_json:
        exported = {"export": dict(export)} if export else {}
        typer.echo(json.dumps(summary.to_dict() | exported, indent=2))
    else:
        _print_tables(summary)


def _print_tables(summary: "Summary") -> None:
    from rich.console import Console

    # Numbers in paths stay uncoloured, so that lines can be copied.
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
        names = ", ".join(summary.damaged[:_NAMED])
        names += ", ..." if len(summary.damaged) > _NAMED else ""
        yield (
            f"{_several(len(summary.damaged), 'part')} taken out: damaged since they were written "
            f"({names})."
        )
    # Damaged parts are redone too, and were said already.
    if outdated := summary.parts_redone - len(summary.damaged):
        yield f"{_several(outdated, 'part')} taken out: the input has changed since."
    if summary.missing_inputs:
        yield (
            f"Parts of {_several(len(summary.missing_inputs), 'input')} kept that cannot be found "
            "any more."
        )
    yield (
        f"{summary.output} holds {_several(counts.inputs, 'input')}: "
        f"{_several(counts.documents, 'document')} and {summary.failed:,} failed."
    )
    if summary.repeated_ids:
        yield (
            f"{_several(summary.repeated_ids, 'document')} with an id that another document had "
            "before."
        )
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
