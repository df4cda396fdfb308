"""Tables of notes as CSV or TSV: one Document a row, read row by row.

Nothing of a row's text goes into an error, and nothing of the first row unless it is a header.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from functools import partial
from io import BufferedIOBase, TextIOWrapper
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io.codecs.columns import Row, Use, column_uses, document_from_row
from biopipe.io.encodings import detect_encoding
from biopipe.io.input_columns import InputColumns
from biopipe.io.rows import (
    BadRecord,
    OnError,
    OnPartError,
    RowError,
    build_documents,
    report_error,
)
from biopipe.io.streams import BROKEN, BrokenFile, open_binary, why_broken

__all__ = ["read"]

_USUAL = InputColumns()
_FIRST_BYTES = 1 << 20
# More than any note; a quote that is never closed would otherwise take in the rest of the file.
_LONGEST_CELL = 1 << 26
# Of a line without quotes every cell becomes an object; a small compressed file may hold any number.
_LONGEST_LINE = 1 << 24
_COLUMN_NAME = re.compile(r"[^\W\d][\w .\-]{0,39}")


def read(
    path: Path,
    *,
    separator: str = ",",
    columns: InputColumns = _USUAL,
    on_error: OnError | None = None,
) -> Iterator[Document]:
    """Documents of a table (also gzip) whose first row names its columns.

    Cells may be quoted with double quotes and then hold line breaks. Columns go where those of
    Parquet go (see `biopipe.io.codecs.parquet.read`). InputError when the column of the text or of the id
    is missing; a row with more or fewer cells than the first is an error.
    """
    source = str(path)
    encoding = _encoding_of(path, on_error)
    if encoding is None:
        return
    with open_binary(path) as stream:
        # gzip and files are binary streams; the common base that open_binary promises has no type.
        table = TextIOWrapper(cast(BinaryIO, stream), encoding=encoding, newline="")
        # Strict, for a quote in the wrong place otherwise swallows rows without a word.
        cells = _cells(csv.reader(_lines(table), delimiter=separator, strict=True))
        try:
            names = _header(next(cells, []), separator, source)
            uses = _uses(names, columns, source)
        except BROKEN as error:
            report_error(RowError(source, 0, "", why_broken(error)), on_error)
            return
        yield from build_documents(
            source,
            _rows(cells, names, uses),
            partial(_document_of, titled=bool(columns.title)),
            on_error,
            nothing="the file has no row below its header",
        )


def _encoding_of(path: Path, on_error: OnError | None) -> str | None:
    """The encoding of a file; None where it cannot be told, which is reported."""
    try:
        with open_binary(path) as stream:
            return _encoding(stream)
    except (*BROKEN, ValueError) as error:
        if isinstance(error, InputError):
            raise
        why = why_broken(error) if isinstance(error, BROKEN) else str(error)
        report_error(RowError(str(path), 0, "", why), on_error)
        return None


def _encoding(stream: BufferedIOBase) -> str:
    first = stream.read(_FIRST_BYTES)
    if not first.strip():
        raise ValueError("the file is empty")
    # UTF-16 has zero bytes in every ASCII letter; without its mark they tell a binary file.
    if b"\0" in first and not first.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError("the file holds control characters and is no table")
    encoding = detect_encoding(first)
    # Excel puts a byte order mark first, which would become part of the first column's name.
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _lines(table: TextIOWrapper) -> Iterator[str]:
    """The lines of a table with their ends; BrokenFile for one that is too long."""
    while line := table.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE and not line.endswith(("\n", "\r")):
            raise BrokenFile(f"a line is longer than {_LONGEST_LINE:,} characters")
        yield line


def _cells(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    # The limit is the process's own, and 131,072 characters are fewer than a long stay's notes.
    if csv.field_size_limit() < _LONGEST_CELL:
        csv.field_size_limit(_LONGEST_CELL)
    try:
        yield from reader
    except UnicodeDecodeError as error:
        raise BrokenFile(f"the file is not valid {error.encoding} from here") from error
    except csv.Error as error:
        raise BrokenFile("a cell's quotes are not closed, or it is too long") from error


def _header(names: Sequence[str], separator: str, source: str) -> list[str]:
    """The names of the columns; InputError, which quotes nothing, where the first row is none."""
    if not all(_COLUMN_NAME.fullmatch(name.strip()) for name in names):
        what = "tabs" if separator == "\t" else f"'{separator}'"
        raise InputError(
            f"The first row of {source} does not name its columns, which {what} must stand "
            "between; give a table with a header."
        )
    return [name.strip() for name in names]


def _uses(names: Sequence[str], columns: InputColumns, source: str) -> dict[Use, str]:
    """The columns by their uses; where one is missing and the first row has cells of several words,
    which may be those of a note, the InputError quotes none.
    """
    schema = pa.schema([(name, pa.string()) for name in names])
    try:
        return column_uses(schema, columns, source=source)
    except InputError as error:
        if not any(" " in name for name in names):
            raise
        wanted = str(error).partition(";")[0]
        raise InputError(f"{wanted}; give a table whose first row names its columns.") from None


def _rows(
    cells: Iterator[list[str]], names: Sequence[str], uses: dict[Use, str]
) -> Iterator[Row | str]:
    """A row by the uses of its columns, or what is wrong with it; empty lines are no rows."""
    columns = [(names.index(name), use) for use, name in uses.items()]
    for row in cells:
        if not row:
            continue
        if len(row) == len(names):
            yield {use: row[index] for index, use in columns}
        else:
            yield f"the row has {len(row)} cells and the first row {len(names)}"


def _document_of(row: Row | str, on_part_error: OnPartError, *, titled: bool) -> Document:
    if isinstance(row, str):
        raise BadRecord(row)
    return document_from_row(row, on_part_error, titled=titled)
