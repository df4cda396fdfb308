"""Installing a pack, or a directory, under a name in the user's folder."""

import re
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from biopipe.errors import ConfigError, InputError, OutputError
from biopipe.io.atomic import publish_folder
from biopipe.io.file_hash import file_sha256
from biopipe.io.manifest_files import ManifestKind
from biopipe.io.packs import InspectDirectory, extract_pack

__all__ = ["install_from", "installed_names"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def install_from(
    source: Path,
    folder: Path,
    kind: ManifestKind,
    *,
    inspect: InspectDirectory,
    taken: Collection[str] = (),
    name: str = "",
    sha256: str = "",
    force: bool = False,
) -> Path:
    """Install the pack or directory `source` as `folder / name`, which is there whole or not at
    all.

    `inspect` verifies a directory; the name in its manifest is taken unless `name` is given.
    `sha256`, where given, must be that of the pack. ConfigError for a name that cannot be one of a
    folder or is among `taken`, OutputError for one that is installed, unless with `force`.
    """
    if not source.exists():
        raise InputError(f"There is no {source}; give a pack or the directory of a {kind.noun}.")
    # Before anything is unpacked: whoever names a hash does not trust the file.
    if sha256:
        _check_sha256(source, sha256, kind)
    folder.mkdir(parents=True, exist_ok=True)
    # In the same folder, for a rename does not cross file systems.
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as scratch:
        incoming = Path(scratch) / "incoming"
        incoming.mkdir()
        if source.is_dir():
            _copy(source, incoming, inspect(source).files)
        else:
            extract_pack(source, incoming, kind)
        # Inspected again where it now lies: what was checked is what is installed.
        own_name = inspect(incoming).name
        target = folder / _checked_name(name or own_name, kind, taken)
        if target.exists() and not force:
            raise OutputError(
                f"A {kind.noun} '{target.name}' is installed in {target}; give --force to replace "
                "it or --name for another name."
            )
        publish_folder(incoming, target)
    return target


def installed_names(folder: Path) -> list[str]:
    """Names of the directories with a manifest in `folder`, sorted."""
    names = {path.parent.name for path in folder.glob("*/manifest.json")}
    return sorted(name for name in names if not name.startswith("."))


def _copy(source: Path, target: Path, files: Collection[str]) -> None:
    for file in files:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, target / file)


def _checked_name(name: str, kind: ManifestKind, taken: Collection[str]) -> str:
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"'{name}' cannot be the name of an installed {kind.noun}; give --name with letters, "
            "digits and . _ - alone."
        )
    if name in taken:
        raise ConfigError(
            f"The name '{name}' is that of a {kind.noun} that comes with biopipe; give --name for "
            "another one."
        )
    return name


def _check_sha256(source: Path, sha256: str, kind: ManifestKind) -> None:
    if source.is_dir():
        raise ConfigError(f"--sha256 is for packs, and {source} is a directory; leave it out.")
    actual = file_sha256(source)
    if actual != sha256.lower():
        raise kind.error(f"The sha256 of {source} is {actual}, not {sha256}; get the pack again.")
