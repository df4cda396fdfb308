"""Files that are either whole or not there, also after a power cut."""

import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["FileMark", "file_mark", "publish", "sync_folder", "write_json"]

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileMark:
    """What tells whether a file is still as it was written."""

    bytes: int
    crc32: int


def file_mark(path: Path) -> FileMark | None:
    """The mark of a file as it is now, which reads all of it; None when it is not there or cannot
    be read.
    """
    size = checksum = 0
    try:
        with path.open("rb", buffering=0) as stream:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                checksum = zlib.crc32(chunk, checksum)
    except OSError:
        return None
    return FileMark(size, checksum)


def publish(temporary: Path, final: Path) -> None:
    """Make `temporary` durable and give it its final name."""
    descriptor = os.open(temporary, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.replace(final)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(content: Any, final: Path, *, temporary: Path) -> None:
    """Write `content` to `final` by way of `temporary`, a name on the same file system."""
    temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    publish(temporary, final)
    sync_folder(final.parent)
