"""Inputs of a bulk run cut into fragments: a file, or one row group of a Parquet file."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from hashlib import sha256
from pathlib import Path

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io import parquet
from biopipe.io.formats import FORMATS, SUFFIXES, format_of, read
from biopipe.io.rows import OnError
from biopipe.io.streams import BrokenFile

__all__ = ["Fragment", "list_fragments", "read_fragment"]

_ENDING = re.compile(rf"({'|'.join(map(re.escape, SUFFIXES))})?(\.gz)?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fragment:
    """One task of a bulk run; `name` is unique, fit for a file name and the same in every run."""

    path: Path
    format: str
    row_group: int | None
    name: str


def list_fragments(inputs: Sequence[str], *, format: str | None = None) -> list[Fragment]:
    """The fragments of files, folders (with their subfolders) and glob patterns, each file once.

    Order: that of the inputs, sorted within a folder or a pattern. In a folder, files whose ending
    tells no format and hidden ones are passed over. InputError when an input gives nothing.
    """
    if format is not None and format not in FORMATS:
        raise InputError(
            f"Unknown format '{format}'; the formats are: {', '.join(sorted(FORMATS))}."
        )
    files = dict.fromkeys(Path(os.path.abspath(path)) for name in inputs for path in _files(name))
    fragments: list[Fragment] = []
    for path in files:
        chosen = format or format_of(path)
        fragments += [
            Fragment(path, chosen, group, _name(path, group)) for group in _row_groups(path, chosen)
        ]
    return fragments


def read_fragment(
    fragment: Fragment,
    *,
    text_column: str = "text",
    id_column: str = "id",
    on_error: OnError | None = None,
) -> Iterator[Document]:
    """The documents of a fragment; rows of errors count from the start of the file."""
    if fragment.format == "parquet":
        return parquet.read(
            fragment.path,
            text_column=text_column,
            id_column=id_column,
            row_group=fragment.row_group,
            on_error=on_error,
        )
    return read(
        fragment.path,
        format=fragment.format,
        text_column=text_column,
        id_column=id_column,
        on_error=on_error,
    )


def _files(name: str) -> list[Path]:
    path = Path(name)
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if _is_input(file, path))
        if not found:
            raise InputError(
                f"The folder {name} holds no file ending in {', '.join(SUFFIXES)} (also .gz)."
            )
        return found
    if path.exists():
        return [path]
    if not has_magic(name):
        raise InputError(
            f"The input {name} does not exist; give files, folders or patterns such as 'data/*.xml.gz'."
        )
    found = sorted(file for file in map(Path, glob(name, recursive=True)) if file.is_file())
    if not found:
        raise InputError(f"The pattern {name} matches no file.")
    return found


def _is_input(file: Path, folder: Path) -> bool:
    # Spark and biopipe itself leave _SUCCESS, _temporary/ and .part.tmp beside data.
    hidden = any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    name = file.name.lower().removesuffix(".gz")
    return not hidden and name.endswith(tuple(SUFFIXES)) and file.is_file()


def _row_groups(path: Path, format: str) -> Sequence[int | None]:
    """A Parquet file that cannot be opened or has no rows stays one fragment, so that its reader
    says why.
    """
    if format != "parquet":
        return [None]
    try:
        return list(range(parquet.row_groups(path))) or [None]
    except BrokenFile:
        return [None]


def _name(path: Path, row_group: int | None) -> str:
    digest = sha256(
        f"{path.as_posix()}\n{row_group}".encode("utf-8", "surrogateescape")
    ).hexdigest()[:12]
    stem = _ENDING.sub("", path.name)
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", stem)[:60].strip("._") or "part"
    return f"{stem}-{digest}" if row_group is None else f"{stem}-{row_group:05d}-{digest}"
