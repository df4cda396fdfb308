"""The files of a folder of brat."""

import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["has_annotations", "is_brat_folder", "standoff_files"]


def is_brat_folder(path: Path) -> bool:
    """Whether a folder, or one in it, holds annotations of brat."""
    return path.is_dir() and any(name.endswith(".ann") for _, name in _walk(path))


def standoff_files(path: Path) -> list[Path]:
    """The texts of a folder and its subfolders by name; of annotations without a text, where the
    text should be."""
    names = {
        folder / name for folder, name in _walk(path) if name.lower().endswith((".ann", ".txt"))
    }
    return sorted({file.with_suffix(".txt") if file.suffix == ".ann" else file for file in names})


def has_annotations(text_file: Path) -> bool:
    """Whether a text has annotations of brat beside it."""
    return text_file.suffix == ".txt" and text_file.with_suffix(".ann").is_file()


def _walk(path: Path) -> Iterator[tuple[Path, str]]:
    """Folder and name of the files, without hidden ones."""
    for folder, folders, names in os.walk(path):
        # In place, which is how os.walk is told where to go on and where not.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from ((Path(folder), name) for name in names if not name.startswith("."))
