"""Directories whose `manifest.json` names every file with its size and sha256: models and
knowledge bases.

What the fields of a manifest mean is for the room that reads them; here is what all have in common:
a `format` number, `files: {name: {"sha256": hex digits, "bytes": int}}`, and their verification.
"""

import json
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biopipe.errors import BiopipeError
from biopipe.io.atomic import atomic_file
from biopipe.io.file_hash import file_sha256

__all__ = [
    "MANIFEST",
    "ManifestKind",
    "describe_files",
    "read_manifest_fields",
    "verify_files",
    "write_manifest_fields",
]

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class ManifestKind:
    """What a directory is called in errors, and what is asked of it.

    `noun` is "model" or "knowledge base", `remedy` the end of a sentence that says what to do
    ("restore the model directory"), `error` what is raised, `format` the newest format that is
    read. With `folders` a file may lie in a folder of the directory ("ngram/grams.npy").
    """

    noun: str
    error: type[BiopipeError]
    format: int
    remedy: str
    folders: bool = False


def read_manifest_fields(directory: Path, kind: ManifestKind) -> dict[str, Any]:
    """The fields of `directory/manifest.json`, its format checked and its files named plainly.

    Raises `kind.error` when the directory or the manifest is missing or unreadable, when its format
    is newer than `kind.format`, and when `files` is not what it should be.
    """
    path = directory / MANIFEST
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise kind.error(
            f"There is no {MANIFEST} in {directory}; it is no {kind.noun}, or was not finished."
        ) from None
    except (OSError, ValueError) as error:
        raise kind.error(f"Cannot read {path} ({error}); {kind.remedy}.") from error
    if not isinstance(fields, dict) or not isinstance(fields.get("format"), int):
        raise kind.error(
            f"{path} names no 'format' number; it is not the manifest of a {kind.noun}."
        )
    if fields["format"] > kind.format:
        raise kind.error(
            f"The {kind.noun} {directory} has format {fields['format']}, this biopipe reads up to "
            f"format {kind.format}; upgrade biopipe."
        )
    _check_files_field(fields.get("files"), path, kind)
    return fields


def verify_files(
    directory: Path,
    files: Mapping[str, Mapping[str, Any]],
    kind: ManifestKind,
    *,
    hashed: bool = True,
) -> None:
    """Raise `kind.error` unless every file is a regular one of the stated size and sha256.

    Without `hashed` sizes alone are compared. A file is hashed once a process.
    """
    for name, about in files.items():
        path = directory / name
        try:
            status = path.stat()
            regular = stat.S_ISREG(status.st_mode)
            same = regular and status.st_size == about["bytes"]
            same = same and (not hashed or file_sha256(path) == about["sha256"])
        except FileNotFoundError:
            raise kind.error(
                f"The file {name} is missing from the {kind.noun} {directory}; {kind.remedy}."
            ) from None
        except OSError as error:
            raise kind.error(
                f"The file {path} cannot be read ({error.strerror}); {kind.remedy}."
            ) from error
        if not same:
            raise kind.error(
                f"The file {path} is not the one its manifest names (size or sha256 differs); "
                f"{kind.remedy}."
            )


def describe_files(directory: Path, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The field `files` of a manifest: sha256 and bytes of each of `names` in `directory`."""
    return {
        name: {
            "sha256": file_sha256(directory / name),
            "bytes": (directory / name).stat().st_size,
        }
        for name in names
    }


def write_manifest_fields(directory: Path, fields: Mapping[str, Any]) -> None:
    """Write `directory/manifest.json`, which is there whole or not at all."""
    content = json.dumps(fields, indent=2, ensure_ascii=False)
    with atomic_file(directory / MANIFEST) as temporary:
        temporary.write_text(content + "\n", encoding="utf-8")


def _check_files_field(files: Any, path: Path, kind: ManifestKind) -> None:
    if not isinstance(files, dict):
        raise kind.error(f"{path} has no 'files'; {kind.remedy}.")
    for name, about in files.items():
        if not _is_plain(name, folders=kind.folders):
            raise kind.error(
                f"{path} names the file '{name}', which is no plain name of a file in the "
                f"{kind.noun}; {kind.remedy}."
            )
        if not isinstance(about, dict) or not {"sha256", "bytes"} <= about.keys():
            raise kind.error(f"{path} does not give size and sha256 of '{name}'; {kind.remedy}.")


def _is_plain(name: str, *, folders: bool) -> bool:
    # A manifest may come from a stranger: no name may lead out of its directory, on any system.
    if any(sign in name for sign in ("\\", ":", "\0")):
        return False
    parts = name.split("/")
    return not {"", ".", ".."} & set(parts) and (folders or len(parts) == 1)
