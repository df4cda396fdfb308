"""Errors of the command line: one sentence on stderr, exit code 1."""

import errno
from typing import Any

import typer
from typer.core import TyperGroup

from biopipe.errors import BiopipeError

__all__ = ["ErrorGroup", "print_error"]


class ErrorGroup(TyperGroup):
    """A command group that says what went wrong; anything it does not know is a bug and keeps its
    traceback.
    """

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BiopipeError as error:
            print_error(str(error))
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of a pipe went away; typer ends quietly
                raise
            print_error(
                f"{error.strerror or error}: {error.filename}" if error.filename else str(error)
            )
        # Usage errors are click's and exit with 2.
        raise typer.Exit(1)


def print_error(sentence: str) -> None:
    """Write `sentence` to stderr."""
    typer.echo(f"Error: {sentence}", err=True)
