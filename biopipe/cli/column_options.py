"""Which columns or fields of an input the commands that read tables take."""

from typing import Annotated, TypeAlias

import typer

__all__ = ["IdColumn"]

IdColumn: TypeAlias = Annotated[str, typer.Option(help="Column or field with the id.")]
