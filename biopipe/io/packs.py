"""Packs: a model or a knowledge base as one zip file that can be sent and installed by name.

`pack.json` comes first in the archive: `format`, `kind`, `name`, `version` and `files`, as in the
manifest of the directory itself (`biopipe.io.manifest_files`), which is one of those files. A pack
may come from a stranger: nothing is written outside of the folder it goes to, and only what
`pack.json` names, each file with the size and the sha256 it gives.
"""

import json
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from biopipe.errors import OutputError
from biopipe.io.atomic import atomic_file
from biopipe.io.file_hash import copy_with_sha256, file_sha256
from biopipe.io.manifest_files import (
    ManifestKind,
    check_files_field,
    describe_files,
    parse_fields,
)

__all__ = ["DirectoryContents", "InspectDirectory", "extract_pack", "write_pack"]

PACK_FORMAT = 1
_HEADER = "pack.json"
_HEADER_BYTES = 4_000_000
_BLOCK_BYTES = 1 << 20
# As for archives of terminologies: tables are 5 to 30 times as large as in an archive, and deflate
# makes a thousandth of a file of zeros.
_MOST_TIMES = 200
_SMALL_BYTES = 100_000_000
# Equal directories give equal packs.
_DATE = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = (stat.S_IFREG | 0o644) << 16


@dataclass(frozen=True, slots=True)
class DirectoryContents:
    """What a directory is, by its manifest, and the files that belong to it, manifest among
    them.
    """

    name: str
    version: str
    files: tuple[str, ...]


InspectDirectory = Callable[[Path], DirectoryContents]
"""Verifies a directory, and raises where it is not what its manifest says."""


def write_pack(
    directory: Path,
    target: Path,
    kind: ManifestKind,
    *,
    inspect: InspectDirectory,
    force: bool = False,
) -> str:
    """Write a directory as the pack `target` and return its sha256.

    OutputError where `target` is there already, unless with `force`.
    """
    if target.exists() and not force:
        raise OutputError(f"{target} is there already; give --force to replace it.")
    contents = inspect(directory)
    described = describe_files(directory, sorted(contents.files))
    header = {
        "format": PACK_FORMAT,
        "kind": kind.noun,
        "name": contents.name,
        "version": contents.version,
        "files": described,
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(target) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        # First, so that it can be read before anything large is.
        archive.writestr(_member(_HEADER), json.dumps(header, indent=2, ensure_ascii=False))
        for file in described:
            with (
                (directory / file).open("rb") as source,
                archive.open(_member(file), "w", force_zip64=True) as member,
            ):
                shutil.copyfileobj(source, member, _BLOCK_BYTES)
    return file_sha256(target)


def extract_pack(pack: Path, folder: Path, kind: ManifestKind) -> None:
    """Write the files of a pack below the empty `folder`.

    Raises `kind.error` where it is no pack of this kind, is damaged or was tampered with: a file
    that `pack.json` does not name, names twice or describes otherwise, a name that leads elsewhere,
    a link, a file that is very many times as large as in the archive. OutputError where the disk
    has no room.
    """
    try:
        with zipfile.ZipFile(pack) as archive:
            described = _described_files(archive, pack, kind)
            members = _members(archive, described, pack, kind)
            room = shutil.disk_usage(folder).free
            needed = sum(info.file_size for info in members.values())
            if needed > room:
                raise OutputError(
                    f"{pack} needs {needed:,} bytes in {folder.parent}, which has {room:,} left; "
                    "make room or set BIOPIPE_HOME to another folder."
                )
            for name, info in members.items():
                _extract(archive, info, folder / name, described[name], pack, kind)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        UnicodeError,
    ) as error:
        raise kind.error(
            f"{pack} is damaged or no pack of biopipe's ({error}); get it again."
        ) from error


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _DATE)
    info.external_attr = _PLAIN_FILE
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _described_files(
    archive: zipfile.ZipFile, pack: Path, kind: ManifestKind
) -> Mapping[str, Mapping[str, Any]]:
    """sha256 and bytes of each file, by `pack.json`, whose fields are checked."""
    if _HEADER not in archive.namelist():
        raise kind.error(f"{pack} has no {_HEADER}; it is no pack of biopipe's.")
    with archive.open(_HEADER) as file:
        content = file.read(_HEADER_BYTES + 1)
    try:
        fields = parse_fields(content) if len(content) <= _HEADER_BYTES else None
    except ValueError:
        fields = None
    shapes = {"format": int, "kind": str, "name": str, "version": str}
    if not isinstance(fields, dict) or not all(
        isinstance(fields.get(field), type_) for field, type_ in shapes.items()
    ):
        raise kind.error(f"The {_HEADER} of {pack} is not one of biopipe's; get the pack again.")
    if fields["format"] > PACK_FORMAT:
        raise kind.error(
            f"{pack} has format {fields['format']}, this biopipe reads up to format {PACK_FORMAT}; "
            "upgrade biopipe."
        )
    if fields["kind"] != kind.noun:
        raise kind.error(f"{pack} is a pack of a {fields['kind']}, not of a {kind.noun}.")
    files = fields.get("files")
    check_files_field(files, pack / _HEADER, kind)
    return cast("dict[str, dict[str, Any]]", files)


def _members(
    archive: zipfile.ZipFile,
    described: Mapping[str, Mapping[str, Any]],
    pack: Path,
    kind: ManifestKind,
) -> dict[str, zipfile.ZipInfo]:
    """The members of the archive by name, each one that `pack.json` describes, and no other."""
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        if info.filename == _HEADER and _HEADER not in members:
            members[_HEADER] = info
            continue
        if info.filename in members or info.filename not in described:
            raise kind.error(
                f"{pack} holds '{info.filename}', which its {_HEADER} does not name, or holds it "
                "twice; it was tampered with, get it again."
            )
        # Some zip writers leave the type out.
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            raise kind.error(f"{pack} holds '{info.filename}' as a link or device; do not use it.")
        stated = described[info.filename]["bytes"]
        # A small archive may unpack to terabytes; the sizes that it states are not to be trusted.
        most = info.compress_size * _MOST_TIMES + _SMALL_BYTES
        if info.file_size != stated or info.file_size > most:
            raise kind.error(
                f"{pack} holds {info.file_size:,} bytes as '{info.filename}' in "
                f"{info.compress_size:,}, and its {_HEADER} says {stated:,}; it was tampered with, "
                "get it again."
            )
        members[info.filename] = info
    del members[_HEADER]
    if missing := sorted(described.keys() - members.keys()):
        raise kind.error(f"{pack} lacks '{missing[0]}', which its {_HEADER} names; get it again.")
    return members


def _extract(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    target: Path,
    stated: Mapping[str, Any],
    pack: Path,
    kind: ManifestKind,
) -> None:
    """Write one member, no byte more than stated."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # "x": a member whose name differs by case alone must not write over another.
    with archive.open(info) as source, target.open("xb") as file:
        sha256, size = copy_with_sha256(source, file, most=int(stated["bytes"]))
    if (size, sha256) != (stated["bytes"], stated["sha256"]):
        raise kind.error(
            f"The file '{info.filename}' in {pack} is not the one its {_HEADER} names (size or "
            "sha256 differs); get the pack again."
        )
