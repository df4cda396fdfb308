"""Rows on their way to one Arrow table: kept on disk while they come in, read back through mmap."""

from pathlib import Path
from typing import Any

import pyarrow as pa

__all__ = ["Spool", "write_table"]

_BATCH_ROWS = 20_000


class Spool:
    """A temporary Arrow stream; `append` until `table` closes it and removes its file."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        self._schema = schema
        self._file = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_stream(self._file, schema)
        self._rows: list[tuple[Any, ...]] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, row: tuple[Any, ...]) -> None:
        """Add one row, its values in the order of the schema."""
        self._rows.append(row)
        self._length += 1
        if len(self._rows) >= _BATCH_ROWS:
            self._flush()

    def table(self) -> pa.Table:
        """All rows. The file's name is gone at once, its pages live as long as the table."""
        self.close()
        table = pa.ipc.open_stream(pa.memory_map(str(self._path))).read_all()
        # On Unix a mapped file can be unlinked: a build that is killed from here on leaves nothing
        # of it.
        self._path.unlink()
        return table

    def close(self) -> None:
        self._flush()
        self._writer.close()
        self._file.close()

    def _flush(self) -> None:
        if self._rows:
            values = zip(*self._rows, strict=True)
            columns = [
                pa.array(column, field.type)
                for column, field in zip(values, self._schema, strict=True)
            ]
            self._writer.write_batch(pa.record_batch(columns, schema=self._schema))
            self._rows = []


def write_table(table: pa.Table, path: Path) -> int:
    """Write an uncompressed Arrow file of one record batch, which opens without reading; returns
    the rows.
    """
    # One batch, so that a reader sees each column as one array, without a copy.
    batches = table.unify_dictionaries().combine_chunks().to_batches()
    batches = batches or [pa.RecordBatch.from_pylist([], schema=table.schema)]
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    # Arrow keeps what it had for the next time.
    del batches, batch
    pa.default_memory_pool().release_unused()
    return int(table.num_rows)
