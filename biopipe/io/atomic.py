"""Files and folders that are either whole or not there, also after a power cut.

All that biopipe writes goes through here: under a temporary name beside its place, made durable
(fsync), then renamed. Names of temporary files start with a dot, so that readers of a folder pass
over what a killed process left. All functions raise OSError, and the caller says what could not be
written, in an error of its own kind; for an address such as s3://bucket they raise OutputError.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from biopipe.io.addresses import check_local

__all__ = [
    "atomic_file",
    "atomic_folder",
    "move_files",
    "publish_file",
    "publish_folder",
    "sync_folder",
    "sync_tree",
    "write_json_file",
]


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A temporary path to write to, whose file becomes `path` when the block ends without error.

    Whatever happens the temporary file is gone afterwards; an older file at `path` stays until the
    new one is whole.
    """
    temporary = _temporary_name(path)
    try:
        yield temporary
        publish_file(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """An empty temporary folder beside `path` that becomes `path` when the block ends without
    error, in place of an older folder there.

    A process that has files of the older folder open keeps them until it closes them.
    """
    temporary = _temporary_name(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.mkdir()
    try:
        yield temporary
        publish_folder(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def publish_file(temporary: Path, final: Path) -> None:
    """Make a closed file durable and give it its final name, on the same file system."""
    # Before the rename: after a power cut a file system may keep the name and lose the content.
    _sync(temporary)
    temporary.replace(final)
    sync_folder(final.parent)


def publish_folder(temporary: Path, final: Path) -> None:
    """Make a folder durable and give it its final name, in place of an older folder there.

    A rename cannot replace a folder that holds files: the older one steps aside first, and comes
    back if the new one cannot take its place. A process killed between the two renames leaves the
    older one as `.NAME.HEX.old`.
    """
    if final.exists() and not final.is_dir():
        raise NotADirectoryError(f"{final} is a file, not a folder")
    sync_tree(temporary)
    if final.is_dir():
        # A folder cannot replace one that is not empty, so the older one steps aside for a moment.
        older = _temporary_name(final).with_suffix(".old")
        final.rename(older)
        try:
            temporary.rename(final)
        except OSError:
            # The older one is better than none.
            older.rename(final)
            raise
        _delete_folder(older)
    else:
        temporary.rename(final)
    sync_folder(final.parent)


def move_files(source: Path, target: Path, *, last: str) -> None:
    """Move all files below `source` to the same places below `target`, each durably, in the order
    of their paths and `last` at the end: what says that the others are whole.

    May be cut off anywhere and called again. Empty folders stay below `source`.
    """
    files = sorted(path for path in source.rglob("*") if path.is_file())
    for file in sorted(files, key=lambda path: path == source / last):
        place = target / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        publish_file(file, place)


def write_json_file(path: Path, content: Any, *, temporary: Path | None = None) -> None:
    """Write `content` as indented JSON; by way of `temporary`, where the folder of `path` should
    hold no other file even for a moment.
    """
    # ASCII: file names that are not UTF-8 come as lone surrogates, which JSON can escape.
    text = json.dumps(content, indent=1) + "\n"
    if temporary is None:
        with atomic_file(path) as beside:
            beside.write_text(text, encoding="utf-8")
    else:
        temporary.write_text(text, encoding="utf-8")
        publish_file(temporary, path)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable; what the files hold is not its concern."""
    # Windows can neither open nor flush a folder; its renames are journalled.
    if os.name != "nt":
        _sync(folder)


def sync_tree(folder: Path) -> None:
    """Make all files and names below `folder` durable."""
    for root, _, files in os.walk(folder):
        for name in files:
            _sync(Path(root, name))
        sync_folder(Path(root))


def _sync(path: Path) -> None:
    # Windows flushes only what is open for writing.
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _temporary_name(path: Path) -> Path:
    """A name beside `path` that no other process or thread uses; OutputError for an address."""
    check_local(path)
    # File systems take names of up to 255 bytes, and a character has up to four.
    return path.with_name(f".{path.name[:50]}.{uuid4().hex[:8]}.tmp")


def _delete_folder(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
        return
    # The new folder stands; what cannot be deleted of the older one is no failure of the write.
    with suppress(OSError):
        shutil.rmtree(folder)
