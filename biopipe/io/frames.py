"""Tables in memory, one Document a row: pandas, and whatever has the Arrow PyCapsule interface
(polars, pyarrow).
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, TypeAlias

import pyarrow as pa

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io.codecs.columns import (
    META_COLUMNS,
    KeptColumn,
    Use,
    column_uses,
    column_values,
    document_from_row,
    iterate_rows,
    nested_column,
)
from biopipe.io.input_columns import InputColumns
from biopipe.io.rows import OnError, build_documents

__all__ = ["SOURCE", "Chunks", "open_table", "read"]

SOURCE = "the table"
"""What errors call a table."""

Chunks: TypeAlias = Iterator[Mapping[Use, Sequence[Any]]]
"""Some rows at a time: values by what they are used as."""

# As many as a batch of the pipeline: more would be Python objects that wait.
_ROWS = 64


def open_table(table: Any, columns: InputColumns) -> Chunks:
    """The rows of a table, or of an iterable of tables as Spark and Ray hand them; nothing is
    copied as a whole.

    InputError before the first row when the column of the text or of the id is missing or is not
    text, and for what is no table.
    """
    parts = _parts(table)
    first = next(parts, None)
    if first is None:
        return iter(())
    # At once and not when the first row is asked for, so that a wrong column is an error of the
    # call.
    opened = _chunks(first, columns)
    return chain(opened, chain.from_iterable(_chunks(part, columns) for part in parts))


def read(
    chunks: Chunks, *, titled: bool = False, on_error: OnError | None = None
) -> Iterator[Document]:
    """Documents of the rows of `open_table`, whose columns name a title where they are `titled`;
    rows of errors count from 0.
    """
    raw = (row for values in chunks for row in iterate_rows(values))
    return build_documents(SOURCE, raw, partial(document_from_row, titled=titled), on_error)


def _parts(table: Any) -> Iterator[Any]:
    if (
        _is_pandas(table)
        or hasattr(table, "__arrow_c_stream__")
        or hasattr(table, "__arrow_c_array__")
    ):
        return iter((table,))
    if isinstance(table, Iterable) and not isinstance(table, str | bytes | Mapping):
        return iter(table)
    raise _no_table(table)


def _no_table(table: Any) -> InputError:
    kind = type(table)
    return InputError(
        f"A {kind.__module__}.{kind.__qualname__} is no table; give a pandas or polars DataFrame "
        "(collect a LazyFrame first), or a pyarrow Table, RecordBatch or RecordBatchReader."
    )


def _chunks(table: Any, columns: InputColumns) -> Chunks:
    """The chunks of one table, whose columns are checked before this returns."""
    if _is_pandas(table):
        schema = _pandas_schema(table, columns)
        return _pandas_chunks(table, column_uses(schema, columns, source=SOURCE))
    if hasattr(table, "__arrow_c_stream__"):
        reader = pa.RecordBatchReader.from_stream(table)
        return _arrow_chunks(reader, column_uses(reader.schema, columns, source=SOURCE))
    if hasattr(table, "__arrow_c_array__"):
        batch = pa.record_batch(table)
        return _arrow_chunks([batch], column_uses(batch.schema, columns, source=SOURCE))
    raise _no_table(table)


def _arrow_chunks(batches: Iterable[pa.RecordBatch], uses: Mapping[Use, str]) -> Chunks:
    for batch in batches:
        for start in range(0, batch.num_rows, _ROWS):
            piece = batch.slice(start, _ROWS)
            yield {use: column_values(nested_column(piece, name)) for use, name in uses.items()}


def _is_pandas(table: Any) -> bool:
    pandas = sys.modules.get("pandas")  # who has a DataFrame has imported it
    return pandas is not None and isinstance(table, pandas.DataFrame)


def _pandas_schema(frame: Any, columns: InputColumns) -> pa.Schema:
    """The types of the columns that may be read; one of Python objects is looked at value by value,
    as text.
    """
    named = {columns.text, columns.id, columns.title, *columns.keep, *META_COLUMNS}
    fields = []
    for place, name in enumerate(frame.columns):
        is_read = name in named
        fields.append((str(name), _pandas_type(frame.iloc[:0, place]) if is_read else pa.null()))
    return pa.schema(fields)


def _pandas_type(column: Any) -> pa.DataType:
    return pa.string() if column.dtype == object else pa.array(column).type


def _pandas_chunks(frame: Any, uses: Mapping[Use, str]) -> Chunks:
    names = [str(name) for name in frame.columns]
    places = {
        use: names.index(name)
        for use, name in uses.items()
        if isinstance(use, KeptColumn) or use in ("text", "id", *META_COLUMNS)
    }
    for start in range(0, len(frame), _ROWS):
        yield {
            use: _pandas_values(frame.iloc[start : start + _ROWS, place])
            for use, place in places.items()
        }


def _pandas_values(column: Any) -> Sequence[Any]:
    if column.dtype != object:
        values = pa.array(column, from_pandas=True)
        return column_values(
            values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        )
    # Objects of any type, some of them no text: Arrow would refuse the whole column.
    missing = column.isna().tolist()
    return [None if gone else value for value, gone in zip(column.tolist(), missing, strict=True)]
