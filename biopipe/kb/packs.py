"""Packs of knowledge bases (`biopipe.io.packs`)."""

from pathlib import Path

from biopipe.extras import installed_folder
from biopipe.io.installing import install_from
from biopipe.io.manifest_files import MANIFEST
from biopipe.io.packs import DirectoryContents, write_pack
from biopipe.kb.default import DEFAULT, base_directory
from biopipe.kb.manifest import KB_KIND, load_kb_manifest

__all__ = ["install_base", "pack_base"]


def pack_base(base: str | Path, target: Path, *, force: bool = False) -> str:
    """Write a knowledge base, by name or directory, as the pack `target` and return its sha256.

    KnowledgeBaseError where there is no such base or it was altered, OutputError where `target` is
    there already, unless with `force`.
    """
    return write_pack(base_directory(base), target, KB_KIND, inspect=_inspect, force=force)


def install_base(source: Path, *, name: str = "", sha256: str = "", force: bool = False) -> Path:
    """Install a pack, or the directory of a base, where its name is found, and return its new
    directory.

    KnowledgeBaseError where it is no pack of a base, damaged or altered; see
    `biopipe.io.installing.install_from` for the options and other errors.
    """
    return install_from(
        source,
        installed_folder("kb"),
        KB_KIND,
        inspect=_inspect,
        taken=(DEFAULT,),
        name=name,
        sha256=sha256,
        force=force,
    )


def _inspect(directory: Path) -> DirectoryContents:
    manifest = load_kb_manifest(directory, verify=True)
    return DirectoryContents(manifest.name, manifest.version, (MANIFEST, *manifest.files))
