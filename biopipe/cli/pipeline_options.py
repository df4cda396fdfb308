"""Options of the commands that load a pipeline."""

from typing import Annotated, TypeAlias

import typer

__all__ = ["BaseDirectory", "DeviceName", "PipelineName"]

PipelineName: TypeAlias = Annotated[
    str,
    typer.Option(
        help="'default', 'fast', 'clinical', a folder of nlp.to_disk, a .json or .cfg file, or a "
        "spaCy package."
    ),
]
DeviceName: TypeAlias = Annotated[
    str | None, typer.Option(help="cpu, cuda or cuda:N in place of what the pipeline says.")
]
BaseDirectory: TypeAlias = Annotated[
    str | None,
    typer.Option("--kb", help="Knowledge base directory in place of what the pipeline says."),
]
