"""What the commands of `biopipe train` share: options, and what they say while they run and at
their end.
"""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Base", "Bf16", "Output", "Seed", "log", "report"]

Output = Annotated[
    Path,
    typer.Option("-o", "--output", help="Folder of the checkpoint; an unfinished run resumes."),
]
Base = Annotated[
    str, typer.Option(help="Encoder to start from: local folder, hub id, or all-MiniLM-L6-v2.")
]
Bf16 = Annotated[
    bool,
    typer.Option("--bf16", help="Train in bfloat16: faster on processors that have it, else slow."),
]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]


def log(message: str) -> None:
    typer.echo(message, file=sys.stderr)


def report(folder: Path) -> None:
    """Name the checkpoint, the last scores on dev of trainers that keep them, and what to do
    next.
    """
    history = folder / "history.json"
    last = (
        f": {json.dumps(json.loads(history.read_text(encoding='utf-8'))[-1])}"
        if history.is_file()
        else ""
    )
    typer.echo(f"{folder}{last}; next: biopipe model export {folder} -o MODEL")
