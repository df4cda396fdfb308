"""Files that are either whole or not there, also after a power cut."""

import json
import os
from pathlib import Path
from typing import Any

__all__ = ["publish", "sync_folder", "write_json"]


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
