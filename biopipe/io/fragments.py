"""Inputs of a bulk run cut into fragments: a file, a row group of a Parquet file, or a piece of a
large file of records.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from glob import glob, has_magic
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io import parquet
from biopipe.io.formats import FORMATS, SUFFIXES, format_of, read
from biopipe.io.pieces import FilePiece, cut_file
from biopipe.io.rows import OnError
from biopipe.io.streams import BrokenFile

__all__ = ["Fragment", "fragment_reader", "list_fragments", "read_fragment"]

_ENDING = re.compile(rf"({'|'.join(map(re.escape, SUFFIXES))})?(\.gz)?\Z", re.IGNORECASE)
# Large files are read through while fragments are listed; unpacking leaves the interpreter free.
_READING_THREADS = 4


@dataclass(frozen=True, slots=True)
class Fragment:
    """One task of a bulk run; `name` is unique, fit for a file name and the same in every run.

    `first_row` is the record of the file that the fragment begins with, counted from 0; `rows` the
    number of its records, None where only reading can tell. It is exact for row groups of Parquet
    and byte ranges, and an estimate for ranges of records.
    """

    path: Path
    format: str
    row_group: int | None
    name: str
    piece: FilePiece | None = None
    first_row: int = 0
    rows: int | None = None


def list_fragments(inputs: Sequence[str], *, format: str | None = None) -> list[Fragment]:
    """The fragments of files, folders (with their subfolders) and glob patterns, each file once.

    Order: that of the inputs, sorted within a folder or a pattern, and within a file that of its
    records. In a folder, files whose ending tells no format and hidden ones are passed over.
    InputError when an input gives nothing.
    """
    if format is not None and format not in FORMATS:
        raise InputError(
            f"Unknown format '{format}'; the formats are: {', '.join(sorted(FORMATS))}."
        )
    files = dict.fromkeys(Path(os.path.abspath(path)) for name in inputs for path in _files(name))
    formats = [format or format_of(path) for path in files]
    with ThreadPoolExecutor(_READING_THREADS) as pool:
        return [
            fragment
            for fragments in pool.map(_fragments_of, files, formats)
            for fragment in fragments
        ]


def fragment_reader(
    fragment: Fragment, *, text_column: str, id_column: str
) -> Callable[[OnError], Iterator[Document]]:
    """A function that reads the fragment and tells what it cannot read."""

    def read(on_error: OnError) -> Iterator[Document]:
        return read_fragment(
            fragment, text_column=text_column, id_column=id_column, on_error=on_error
        )

    return read


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
        piece=fragment.piece,
    )


def _fragments_of(path: Path, format: str) -> list[Fragment]:
    """A file that cannot be opened stays one fragment, so that its reader says why."""
    if format == "parquet":
        return _row_groups(path) or [Fragment(path, format, None, _name(path))]
    pieces = cut_file(path, format)
    if not pieces:
        return [Fragment(path, format, None, _name(path))]
    return [
        Fragment(path, format, None, _name(path, number, str(piece)), piece, piece.first_row, rows)
        for number, (piece, rows) in enumerate(pieces)
    ]


def _row_groups(path: Path) -> list[Fragment]:
    try:
        rows = parquet.row_group_rows(path)
    except (BrokenFile, InputError):
        return []
    return [
        Fragment(path, "parquet", group, _name(path, group, str(group)), None, first_row, count)
        for group, (count, first_row) in enumerate(
            zip(rows, accumulate(rows, initial=0), strict=False)
        )
    ]


def _files(name: str) -> list[Path]:
    path = Path(name)
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if _is_input(file, path))
        if not files:
            raise InputError(
                f"The folder {name} holds no file ending in {', '.join(SUFFIXES)} (also .gz)."
            )
        return files
    if path.exists():
        return [path]
    if not has_magic(name):
        raise InputError(
            f"The input {name} does not exist; give files, folders or patterns such as "
            "'data/*.xml.gz'."
        )
    files = sorted(file for file in map(Path, glob(name, recursive=True)) if file.is_file())
    if not files:
        raise InputError(f"The pattern {name} matches no file.")
    return files


def _is_input(file: Path, folder: Path) -> bool:
    # Spark and biopipe itself leave _SUCCESS, _temporary/ and .part.tmp beside data.
    hidden = any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    name = file.name.lower().removesuffix(".gz")
    return not hidden and name.endswith(tuple(SUFFIXES)) and file.is_file()


def _name(path: Path, number: int | None = None, key: str = "None") -> str:
    """A name from the file's, with a hash of its path and of which part of it the fragment is."""
    digest = sha256(f"{path.as_posix()}\n{key}".encode("utf-8", "surrogateescape")).hexdigest()[:12]
    stem = _ENDING.sub("", path.name)
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", stem)[:60].strip("._") or "part"
    return f"{stem}-{digest}" if number is None else f"{stem}-{number:05d}-{digest}"
