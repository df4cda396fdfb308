"""What the commands of `biopipe train` share: options, and what they say while they run and at
their end.
"""

import json
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Base",
    "BatchMentions",
    "Bf16",
    "CharactersOption",
    "CorpusFolder",
    "HeadRate",
    "Output",
    "PassagesOption",
    "PubTatorOutput",
    "Seed",
    "Texts",
    "log",
    "print_checkpoint",
    "require_torch",
]

Output = Annotated[
    Path,
    typer.Option("-o", "--output", help="Folder of the checkpoint; an unfinished run resumes."),
]
PubTatorOutput = Annotated[Path, typer.Option("-o", "--output", help="The PubTator file to write.")]
Base = Annotated[
    str, typer.Option(help="Encoder to start from: local folder, hub id, or all-MiniLM-L6-v2.")
]
CorpusFolder = Annotated[
    Path, typer.Option(help="Folder that the recipe's corpus paths are relative to.")
]
HeadRate = Annotated[float, typer.Option(help="Learning rate of new layers, as a multiple.")]
BatchMentions = Annotated[int, typer.Option(help="Mentions of a step, each with its candidates.")]
Bf16 = Annotated[
    bool,
    typer.Option("--bf16", help="Train in bfloat16: faster on processors that have it, else slow."),
]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]
Texts = Annotated[
    list[Path], typer.Argument(help="Texts to annotate, in any format that 'run' reads.")
]
PassagesOption = Annotated[int, typer.Option(help="Passages to draw, evenly from the files.")]
CharactersOption = Annotated[int, typer.Option(help="About how long each is.")]


def log(message: str) -> None:
    """Print progress to stderr."""
    typer.echo(message, file=sys.stderr)


def require_torch() -> None:
    """ExtraMissing where the extra 'train' is not installed."""
    from biopipe.extras import require

    require("torch", "train")


def print_checkpoint(folder: Path) -> None:
    """Name the checkpoint, the last scores on dev of trainers that keep them, and what to do
    next; the command is kept beside it as `command.txt`.
    """
    command = shlex.join(["biopipe", *sys.argv[1:]])
    (folder / "command.txt").write_text(f"{command}\n", encoding="utf-8")
    # Not all trainers measure on dev: then the checkpoint alone is named.
    history = folder / "history.json"
    last = (
        f": {json.dumps(json.loads(history.read_text(encoding='utf-8'))[-1])}"
        if history.is_file()
        else ""
    )
    typer.echo(f"{folder}{last}; next: biopipe model export {folder} -o MODEL")
