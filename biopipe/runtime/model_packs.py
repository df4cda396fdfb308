"""Packs of model directories (`biopipe.io.packs`)."""

from pathlib import Path

from biopipe.extras import installed_folder, shipped_folder
from biopipe.io.installing import install_from, installed_names
from biopipe.io.manifest_files import MANIFEST
from biopipe.io.packs import DirectoryContents, write_pack
from biopipe.runtime.manifest import MODEL_KIND, load_manifest
from biopipe.runtime.models import find_model

__all__ = ["install_model", "pack_model"]

# What people read beside a model; no manifest names it.
_DOCUMENTS = ("README.md", "LICENSE", "LICENSE.txt", "NOTICE")


def pack_model(model: str | Path, target: Path, *, force: bool = False) -> str:
    """Write a model, by name or directory, as the pack `target` and return its sha256.

    ModelError where there is no such model or it was altered, OutputError where `target` is there
    already, unless with `force`.
    """
    return write_pack(find_model(model), target, MODEL_KIND, inspect=_inspect, force=force)


def install_model(source: Path, *, name: str = "", sha256: str = "", force: bool = False) -> Path:
    """Install a pack, or a model directory, where its name is found, and return its new directory.

    ModelError where it is no pack of a model, damaged or altered; see
    `biopipe.io.installing.install_from` for the options and other errors.
    """
    return install_from(
        source,
        installed_folder("models"),
        MODEL_KIND,
        inspect=_inspect,
        taken=installed_names(shipped_folder("models")),
        name=name,
        sha256=sha256,
        force=force,
    )


def _inspect(directory: Path) -> DirectoryContents:
    manifest = load_manifest(directory)
    documents = [name for name in _DOCUMENTS if (directory / name).is_file()]
    return DirectoryContents(
        manifest.name, manifest.version, (MANIFEST, *manifest.files, *documents)
    )
