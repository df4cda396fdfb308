"""Inputs of a bulk run cut into fragments: a file, a row group of a Parquet file, or a piece of a
large file of records.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from glob import glob, has_magic
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.extras import cache_folder
from biopipe.io.addresses import is_url, shown_url
from biopipe.io.codecs import parquet
from biopipe.io.codecs.brat_files import has_annotations
from biopipe.io.format_types import ReadOptions
from biopipe.io.formats import FORMATS, SUFFIXES, format_of, kind_of_text
from biopipe.io.input_columns import InputColumns
from biopipe.io.pieces import FilePiece, cut_file
from biopipe.io.remote import fetch_file, list_remote
from biopipe.io.rows import OnError
from biopipe.io.streams import BrokenFile

__all__ = ["Fragment", "fragment_reader", "list_fragments", "read_fragment"]

_ENDING = re.compile(rf"({'|'.join(map(re.escape, SUFFIXES))})?(\.gz)?\Z", re.IGNORECASE)
# Large files are read through while fragments are listed; unpacking leaves the interpreter free.
_READING_THREADS = 4
_USUAL = InputColumns()


@dataclass(frozen=True, slots=True)
class Fragment:
    """One task of a bulk run; `name` is unique, fit for a file name and the same in every run.

    `first_row` is the record of the file that the fragment begins with, counted from 0; `rows` the
    number of its records, None where only reading can tell. It is exact for row groups of Parquet
    and byte ranges, and an estimate for ranges of records. `limit` is how many of its records are
    read at most. `url` is where a file that lies elsewhere was fetched from, "" for others.
    """

    path: Path
    format: str
    row_group: int | None
    name: str
    piece: FilePiece | None = None
    first_row: int = 0
    rows: int | None = None
    limit: int | None = None
    url: str = ""

    @property
    def source(self) -> str:
        """What tables call the input: its path, or its URL."""
        return self.url or str(self.path)


def list_fragments(
    inputs: Sequence[str], *, format: str | None = None, copies: Path | None = None
) -> list[Fragment]:
    """The fragments of files, folders (with their subfolders) and glob patterns, each file once.

    Inputs that are addresses, such as s3://bucket/folder, are first fetched into the folder
    `copies`, by default one in the user's cache folder, where they are not there already.

    Order: that of the inputs, sorted within a folder or a pattern, and within a file that of its
    records. In a folder, files whose ending tells no format and hidden ones are passed over.
    InputError when an input gives nothing.
    """
    if format is not None and format not in FORMATS:
        raise InputError(
            f"Unknown format '{format}'; the formats are: {', '.join(sorted(FORMATS))}."
        )
    with ThreadPoolExecutor(_READING_THREADS) as pool:
        files: dict[Path, str] = {}
        for name in inputs:
            if is_url(name):
                files |= _fetched(name, copies or cache_folder() / "inputs", pool)
            else:
                # Not resolved: a link keeps its own name, by which its user knows it.
                files |= {Path(os.path.abspath(path)): "" for path in _files(name)}
        formats = [format or format_of(path) for path in files]
        return [
            fragment
            for fragments in pool.map(_fragments_of, files, files.values(), formats)
            for fragment in fragments
        ]


def fragment_reader(
    fragment: Fragment, columns: InputColumns
) -> Callable[[OnError], Iterator[Document]]:
    """A function that reads the fragment and tells what it cannot read."""

    def read(on_error: OnError) -> Iterator[Document]:
        return read_fragment(fragment, columns, on_error=on_error)

    return read


def read_fragment(
    fragment: Fragment,
    columns: InputColumns = _USUAL,
    *,
    on_error: OnError | None = None,
) -> Iterator[Document]:
    """The documents of a fragment; rows of errors count from the start of the file."""
    if fragment.format == "parquet":
        return parquet.read(
            fragment.path,
            columns=columns,
            row_group=fragment.row_group,
            on_error=on_error,
        )
    options = ReadOptions(columns, on_error, fragment.piece)
    return FORMATS[fragment.format].read(fragment.path, options)


def _fetched(url: str, copies: Path, pool: ThreadPoolExecutor) -> dict[Path, str]:
    """Local copies of the files of an address, with the address of each."""
    files, folder = list_remote(url), shown_url(url).rstrip("/")
    if all(file.url.startswith(f"{folder}/") for file in files):
        files = [file for file in files if _is_input_name(file.url.removeprefix(f"{folder}/"))]
    if not files:
        raise InputError(
            f"The address {shown_url(url)} holds no file ending in {', '.join(SUFFIXES)} "
            "(also .gz)."
        )
    places = [
        copies
        / sha256(file.url.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        / file.path.rpartition("/")[2]
        for file in files
    ]
    for _ in pool.map(fetch_file, files, places):
        pass
    return {place: file.url for place, file in zip(places, files, strict=True)}


def _fragments_of(path: Path, url: str, format: str) -> list[Fragment]:
    """A file that cannot be opened stays one fragment, so that its reader says why."""
    name = partial(_name, path, url or path.as_posix())
    if format == "parquet":
        fragments = _row_groups(path, name)
    else:
        if format == "txt":
            format = kind_of_text(path)
        fragments = [
            Fragment(path, format, None, name(number, str(piece)), piece, piece.first_row, rows)
            for number, (piece, rows) in enumerate(cut_file(path, format))
        ]
    fragments = fragments or [Fragment(path, format, None, name())]
    return [replace(fragment, url=url) for fragment in fragments] if url else fragments


def _row_groups(path: Path, name: Callable[[int, str], str]) -> list[Fragment]:
    try:
        rows = parquet.row_group_rows(path)
    except (BrokenFile, InputError):
        return []
    return [
        Fragment(path, "parquet", group, name(group, str(group)), None, first_row, count)
        for group, (count, first_row) in enumerate(
            zip(rows, accumulate(rows, initial=0), strict=False)
        )
    ]


def _files(name: str) -> list[Path]:
    path = Path(name)
    if path.is_dir():
        files = sorted(file for file in _below(path) if _is_input(file, path))
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


def _below(folder: Path) -> Iterator[Path]:
    """All files below a folder; InputError where one of its folders may not be read, which a glob
    would take for an empty one.
    """

    def cannot_read(error: OSError) -> None:
        raise InputError(
            f"The folder {error.filename} cannot be read: {error.strerror}; make it readable, or "
            "name what else is to be read."
        ) from error

    for place, folders, names in os.walk(folder, onerror=cannot_read):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]
        yield from (Path(place, name) for name in names)


def _is_input(file: Path, folder: Path) -> bool:
    # Spark and biopipe itself leave _SUCCESS, _temporary/ and .part.tmp beside data.
    # A text with annotations of brat is read by these.
    named = _is_input_name(file.relative_to(folder).as_posix()) and not has_annotations(file)
    return named and file.is_file()


def _is_input_name(name: str) -> bool:
    hidden = any(part.startswith((".", "_")) for part in name.split("/"))
    return not hidden and name.lower().removesuffix(".gz").endswith(tuple(SUFFIXES))


def _name(path: Path, source: str, number: int | None = None, key: str = "None") -> str:
    """A name from the file's, with a hash of where it lies and of which part of it the fragment
    is.
    """
    # Files of one name lie in several folders, and a name must be the same in every run to be
    # resumed.
    digest = sha256(f"{source}\n{key}".encode("utf-8", "surrogateescape")).hexdigest()[:12]
    stem = _ENDING.sub("", path.name)
    # The stem is for people; the digest behind it is what makes the name unique.
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", stem)[:60].strip("._") or "part"
    return f"{stem}-{digest}" if number is None else f"{stem}-{number:05d}-{digest}"
