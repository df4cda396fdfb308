"""Parquet: one Document a row, read batch by batch."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from biopipe.document import Document
from biopipe.document.arrow import arrow_schema, document_rows
from biopipe.document.fields import DOCUMENT_FIELDS
from biopipe.io.codecs.columns import (
    Row,
    Use,
    column_uses,
    column_values,
    document_from_row,
    iterate_rows,
    nested_column,
)
from biopipe.io.input_columns import InputColumns
from biopipe.io.rows import OnError, RowError, build_documents, report_error
from biopipe.io.streams import BrokenFile, check_regular_file, replacing

__all__ = ["SCHEMA", "read", "row_group_rows", "write"]

# ValueError: names in a damaged footer that are not UTF-8.
_DAMAGE = (pa.ArrowException, OSError, ValueError)
# What is decoded at a time: small batches cost more each, large ones of long texts take memory.
_BATCH_BYTES = 1 << 22
_BATCH_ROWS = 1024
# A row group is a fragment of a run: small enough to share out, large enough to compress.
_WRITTEN_ROWS = 1000
_USUAL = InputColumns()

SCHEMA = arrow_schema(DOCUMENT_FIELDS)
"""The columns that `write` writes: every stored field of a Document."""


def read(
    path: Path,
    *,
    columns: InputColumns = _USUAL,
    row_group: int | None = None,
    on_error: OnError | None = None,
) -> Iterator[Document]:
    """Documents of a Parquet file, or of one of its row groups.

    Columns date, journal, doi, pmc and title go to meta; columns as `write` writes them are read
    back. InputError when a column is missing or is not text. A damaged row group is one error; then
    comes the next.
    """
    check_regular_file(path)
    try:
        file = pq.ParquetFile(path)
        schema = file.schema_arrow
    except _DAMAGE as error:
        why = f"the file is not a readable Parquet file ({_first_line(error)})"
        return report_error(RowError(str(path), 0, "", why), on_error)
    with file:
        uses = column_uses(schema, columns, source=str(path))
        build = partial(document_from_row, titled=bool(columns.title))
        for group in range(file.num_row_groups) if row_group is None else [row_group]:
            # Rows of errors count from the start of the file, also where one group of it is read.
            first_row = sum(file.metadata.row_group(before).num_rows for before in range(group))
            raw = _rows(file, group, first_row, uses)
            yield from build_documents(str(path), raw, build, on_error, first_row=first_row)


def write(documents: Iterable[Document], path: Path) -> int:
    """Write every stored field of the documents, 1,000 to a row group; returns their number."""
    count = 0
    rest = iter(documents)
    with replacing(path) as stream, pq.ParquetWriter(stream, SCHEMA) as writer:
        while batch := list(islice(rest, _WRITTEN_ROWS)):
            writer.write_table(document_rows(batch))
            count += len(batch)
    return count


def row_group_rows(path: Path) -> list[int]:
    """How many rows each row group has; BrokenFile when it is not a readable Parquet file."""
    check_regular_file(path)
    try:
        with pq.ParquetFile(path) as file:
            groups = range(file.num_row_groups)
            return [int(file.metadata.row_group(group).num_rows) for group in groups]
    except _DAMAGE as error:
        raise BrokenFile(_first_line(error)) from error


def _rows(
    file: pq.ParquetFile, group: int, first_row: int, uses: Mapping[Use, str]
) -> Iterator[Row]:
    done = 0
    try:
        size = _batch_rows(file.metadata.row_group(group))
        columns = list(dict.fromkeys(uses.values()))
        for batch in file.iter_batches(size, row_groups=[group], columns=columns):
            for row in iterate_rows(
                {use: column_values(nested_column(batch, name)) for use, name in uses.items()}
            ):
                done += 1
                yield row
    except _DAMAGE as error:
        # The footer still tells how many rows are lost with the damage.
        last = first_row + file.metadata.row_group(group).num_rows - 1
        why = f"rows {first_row + done} to {last} cannot be read ({_first_line(error)})"
        raise BrokenFile(why) from error


def _batch_rows(group: pq.RowGroupMetaData) -> int:
    bytes_a_row = group.total_byte_size / max(1, group.num_rows)
    return max(1, min(_BATCH_ROWS, int(_BATCH_BYTES / max(1.0, bytes_a_row))))


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
