"""Directories whose `manifest.json` names every file with its size and sha256: models and
knowledge bases.

What the fields of a manifest mean is for the room that reads them; here is what all have in common:
a `format` number, `files: {name: {"sha256": hex digits, "bytes": int}}`, and their verification.
"""

import json
import math
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from biopipe.errors import BiopipeError
from biopipe.io.atomic import atomic_file
from biopipe.io.file_hash import file_sha256

__all__ = [
    "MANIFEST",
    "ManifestKind",
    "check_files_field",
    "describe_files",
    "parse_fields",
    "read_manifest_fields",
    "verify_files",
    "write_manifest_fields",
]

MANIFEST = "manifest.json"
# Manifests of models have thousands of bytes; one of a base lists its types and systems as well.
_MOST_BYTES = 64_000_000


_LONGEST_NAME, _LONGEST_PATH = 255, 1000  # what every file system in use can hold


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
        fields = parse_fields(_content_of(path))
    except FileNotFoundError:
        raise kind.error(
            f"There is no {MANIFEST} in {directory}; it is no {kind.noun}, or was not finished."
        ) from None
    except (OSError, ValueError) as error:
        raise kind.error(f"Cannot read {path} ({error}); {kind.remedy}.") from error
    if not isinstance(fields, dict) or type(fields.get("format")) is not int:
        raise kind.error(
            f"{path} names no 'format' number; it is not the manifest of a {kind.noun}."
        )
    if fields["format"] < 1:
        raise kind.error(f"{path} has format {fields['format']}; {kind.remedy}.")
    # A newer format may mean other things by the same fields: refused, not guessed at.
    if fields["format"] > kind.format:
        raise kind.error(
            f"The {kind.noun} {directory} has format {fields['format']}, this biopipe reads up to "
            f"format {kind.format}; upgrade biopipe."
        )
    check_files_field(fields.get("files"), path, kind)
    return fields


def parse_fields(content: bytes) -> Any:
    """The value of a JSON text that says what other files are; ValueError where it is none, names a
    field twice, holds a number that is no finite one, or is nested too deeply to be read.
    """
    try:
        return json.loads(
            content,
            object_pairs_hook=_each_once,
            # Python reads NaN and Infinity, which are no JSON and compare with nothing.
            parse_constant=_not_finite,
            parse_float=_finite,
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _content_of(path: Path) -> bytes:
    """What a manifest holds; OSError or ValueError where it is no regular file or far too large."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("it is no regular file")
    if status.st_size > _MOST_BYTES:
        raise ValueError(f"it has {status.st_size:,} bytes; {_MOST_BYTES:,} are the most")
    with path.open("rb") as file:
        return file.read(_MOST_BYTES)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("it names a field twice")
    return fields


def _not_finite(constant: str) -> float:
    raise ValueError(f"it holds {constant}, which is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("it holds a number that is too large")
    return number


def verify_files(
    directory: Path,
    files: Mapping[str, Mapping[str, Any]],
    kind: ManifestKind,
    *,
    sha256: Callable[[Path], str] = file_sha256,
) -> None:
    """Raise `kind.error` unless every file is a regular one of the stated size and sha256, which
    `sha256` gives.
    """
    for name, about in files.items():
        path = directory / name
        try:
            status = path.stat()
            regular = stat.S_ISREG(status.st_mode)
            same = regular and status.st_size == about["bytes"]
            # The size first, as it costs nothing and tells most changes.
            same = same and sha256(path) == about["sha256"]
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


def check_files_field(files: Any, path: Path, kind: ManifestKind) -> None:
    """Raise `kind.error` unless `files`, as `path` has it, maps plain names to sha256 and bytes."""
    if not isinstance(files, dict):
        raise kind.error(f"{path} has no 'files'; {kind.remedy}.")
    for name in files:
        if not _is_plain(name, folders=kind.folders):
            raise kind.error(
                f"{path} names the file '{name[:300]}', which is no plain name of a file in the "
                f"{kind.noun}; {kind.remedy}."
            )
    folders = {parent.as_posix() for name in files for parent in PurePosixPath(name).parents}
    for name, about in files.items():
        if name in folders:
            raise kind.error(f"{path} names '{name}' as a file and as a folder; {kind.remedy}.")
        if not isinstance(about, dict) or not _describes_a_file(about):
            raise kind.error(f"{path} does not give size and sha256 of '{name}'; {kind.remedy}.")


def _describes_a_file(about: Mapping[str, Any]) -> bool:
    size, sha256 = about.get("bytes"), about.get("sha256")
    return type(size) is int and size >= 0 and isinstance(sha256, str) and len(sha256) == 64


def _is_plain(name: str, *, folders: bool) -> bool:
    # A manifest may come from a stranger: no name may lead out of its directory, on any system.
    if any(sign in name for sign in ("\\", ":", "\0")):
        return False
    parts = name.split("/")
    if len(name) > _LONGEST_PATH or not name.isprintable():
        return False
    if any(len(part.encode()) > _LONGEST_NAME for part in parts):
        return False
    return not {"", ".", ".."} & set(parts) and (folders or len(parts) == 1)
