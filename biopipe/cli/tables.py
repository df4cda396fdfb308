"""Scores as tables for people, or as JSON."""

import json
from collections.abc import Mapping
from typing import Any

import typer

__all__ = ["linking_tables", "ner_tables", "relations_tables", "robustness_tables", "show"]

Rows = dict[str, dict[str, Any]]

# Short where a table would not fit a terminal of 80 columns.
_HEADERS = {
    "mentions": "n",
    "coverage": "cov.",
    "recall@1": "R@1",
    "recall@5": "R@5",
    "recall@20": "R@20",
    "accuracy": "acc.",
    "precision_fall": "fall",
}


def show(scores: Mapping[str, Any], as_json: bool, tables: Mapping[str, Rows]) -> None:
    """Print the scores as JSON or as tables; a table's columns are the keys of its first row."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    if as_json:
        typer.echo(json.dumps(scores, indent=2))
        return
    for title, rows in tables.items():
        columns = [
            name for name in next(iter(rows.values())) if name not in ("types", "end_to_end")
        ]
        # Without lines, so that a table can be copied into a message or a sheet.
        table = Table("", title=title, title_justify="left", box=None, padding=(0, 0, 0, 2))
        for column in columns:
            table.add_column(_HEADERS.get(column, column), justify="right")
        for name, row in rows.items():
            table.add_row(escape(name), *(escape(_cell(row.get(column))) for column in columns))
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


def ner_tables(scores: Mapping[str, Any]) -> dict[str, Rows]:
    """What `score_ner` gives, and thresholds where some are proposed."""
    tables: dict[str, Rows] = {
        f"Mentions of {scores['documents']} documents": {
            "micro": scores["micro"],
            **scores["types"],
        }
    }
    if proposed := scores.get("thresholds"):
        # Scores are shares, and thresholds are written in a configuration as such.
        tables["Thresholds"] = {
            label: {
                **row,
                "threshold": "none" if row["threshold"] is None else f"{row['threshold']:g}",
            }
            for label, row in proposed.items()
        }
    return tables


def linking_tables(scores: Mapping[str, Any]) -> dict[str, Rows]:
    """What `score_linking` gives, and mention and concept together."""
    tables = {"Linking": {"all": scores, **scores["types"]}}
    if both := scores.get("end_to_end"):
        tables["Mention and concept"] = {
            "strict": both["strict"],
            "lenient": both["lenient"],
            **both["types"],
        }
    return tables


def relations_tables(scores: Mapping[str, Any]) -> dict[str, Rows]:
    """What `score_relations` gives."""
    names = ("pair", "type", "novelty", "subject", "direction")
    rows = {name: scores[name] for name in names if scores[name]}
    return {f"Relations of {scores['documents']} documents": {**rows, **scores["types"]}}


def robustness_tables(scores: Mapping[str, Any]) -> dict[str, Rows]:
    """What `score_robustness` gives; a table of names for each change that some are missed for."""
    changes = scores["changes"]
    tables: dict[str, Rows] = {
        f"Altered mentions of {scores['documents']} documents": {
            name: {key: value for key, value in row.items() if key != "worst"}
            for name, row in changes.items()
        },
        "Recall lost by label": {
            name: {label: scores["fall"] for label, scores in row["types"].items()}
            for name, row in changes.items()
        },
    }
    for change, row in changes.items():
        if row["worst"]:
            tables[f"Missed for {change}"] = {
                f"{entry['label']} {entry['name']}": {
                    "was": entry["was"],
                    "missed": f"{entry['missed']} of {entry['mentions']}",
                }
                for entry in row["worst"]
            }
    return tables
