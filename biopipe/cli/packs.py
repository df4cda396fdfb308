"""`pack` and `install` of `biopipe model` and `biopipe kb`."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Force", "install_kb", "install_model_pack", "pack_kb", "pack_model_directory"]

PackFile = Annotated[Path, typer.Option("-o", "--output", help="The pack to write, a .zip file.")]
PackSource = Annotated[Path, typer.Argument(help="A pack, or a directory to copy.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]
InstalledName = Annotated[
    str, typer.Option("--name", help="Name to install it under; its manifest's when not given.")
]
ExpectedHash = Annotated[
    str, typer.Option("--sha256", help="Refuse a pack of another sha256 ('pack' prints it).")
]


def pack_model_directory(
    model: Annotated[str, typer.Argument(help="A model by name or directory.")],
    output: PackFile,
    force: Force = False,
) -> None:
    """Write a model as one file that 'biopipe model install' takes elsewhere.

    Example: biopipe model pack my-tagger -o my-tagger.zip
    """
    from biopipe.runtime.model_packs import pack_model

    _say_packed(output, pack_model(model, output, force=force))


def install_model_pack(
    source: PackSource, name: InstalledName = "", sha256: ExpectedHash = "", force: Force = False
) -> None:
    """Install a model so that its name is known wherever a model is asked for.

    Example: biopipe model install my-tagger.zip
    """
    from biopipe.runtime.model_packs import install_model

    folder = install_model(source, name=name, sha256=sha256, force=force)
    typer.echo(f"{folder.name}: installed in {folder}")


def pack_kb(
    base: Annotated[str, typer.Argument(help="A knowledge base by name or directory.")],
    output: PackFile,
    force: Force = False,
) -> None:
    """Write a knowledge base as one file that 'biopipe kb install' takes elsewhere.

    Example: biopipe kb pack mesh -o mesh.zip
    """
    from biopipe.kb.packs import pack_base

    _say_packed(output, pack_base(base, output, force=force))


def install_kb(
    source: PackSource, name: InstalledName = "", sha256: ExpectedHash = "", force: Force = False
) -> None:
    """Install a knowledge base so that its name is known wherever one is asked for.

    Example: biopipe kb install mesh.zip
    """
    from biopipe.kb.packs import install_base

    folder = install_base(source, name=name, sha256=sha256, force=force)
    typer.echo(f"{folder.name}: installed in {folder}")


def _say_packed(pack: Path, sha256: str) -> None:
    typer.echo(f"{pack}: {pack.stat().st_size:,} bytes, sha256 {sha256}")
