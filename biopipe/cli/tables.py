"""Scores as tables for people, or as JSON."""

import json
from collections.abc import Mapping
from typing import Any

import typer

__all__ = ["Rows", "show"]

Rows = dict[str, dict[str, Any]]

# Short where a table would not fit a terminal of 80 columns.
_HEADERS = {
    "mentions": "n",
    "coverage": "cov.",
    "recall@1": "R@1",
    "recall@5": "R@5",
    "recall@20": "R@20",
    "accuracy": "acc.",
}


def show(scores: Mapping[str, Any], as_json: bool, tables: Mapping[str, Rows]) -> None:
    """Print the scores as JSON or as tables; a table's columns are the keys of its first row."""
    from rich.console import Console
    from rich.table import Table

    if as_json:
        typer.echo(json.dumps(scores, indent=2))
        return
    for title, rows in tables.items():
        columns = [name for name in next(iter(rows.values())) if name not in ("types", "end_to_end")]
        table = Table("", title=title, title_justify="left", box=None, padding=(0, 0, 0, 2))
        for column in columns:
            table.add_column(_HEADERS.get(column, column), justify="right")
        for name, row in rows.items():
            table.add_row(name, *(_cell(row.get(column)) for column in columns))
        Console().print(table)


def _cell(value: Any) -> str:
    """Shares in percent, counts as they are, intervals as a range, NIL scores by their F1."""
    if isinstance(value, list):
        return f"{100 * value[0]:.1f}–{100 * value[1]:.1f}"
    if isinstance(value, dict):
        return _cell(value["f1"])
    if isinstance(value, float):
        return f"{100 * value:.1f}"
    return "" if value is None else str(value)
