"""The `biopipe` command. Commands import what they need when they run, so that --help is quick."""

from typing import Annotated

import typer

from biopipe.cli import (
    annotate,
    convert,
    evaluate,
    graph,
    kb,
    model,
    report,
    run,
    serve,
    similar,
    train,
)
from biopipe.cli.errors import ErrorGroup

__all__ = ["app", "main"]

app = typer.Typer(
    name="biopipe",
    help="Biomedical text to entities, linked concepts and relations.",
    cls=ErrorGroup,
    no_args_is_help=True,
    # Its two options would stand first in the help.
    add_completion=False,
    # A traceback in boxes cannot be pasted into an issue, and may show the values of locals: texts.
    pretty_exceptions_enable=False,
)
run.register(app)
annotate.register(app)
serve.register(app)
convert.register(app)
graph.register(app)
report.register(app)
similar.register(app)
app.add_typer(kb.app, name="kb")
app.add_typer(model.app, name="model")
app.add_typer(train.app, name="train")
app.add_typer(evaluate.app, name="evaluate")


def _version(asked: bool) -> None:
    if asked:
        from biopipe import __version__

        typer.echo(f"biopipe {__version__}")
        raise typer.Exit()


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None: ...


def main() -> None:
    """Entry point of the console script."""
    app(prog_name="biopipe")
