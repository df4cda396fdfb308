"""How a command answers: in words or as JSON."""

from typing import Annotated, TypeAlias

import typer

__all__ = ["JsonAnswer", "JsonSummary"]

JsonAnswer: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]
JsonSummary: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]
