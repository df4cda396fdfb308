"""The four Parquet files of a part: written under temporary names, then made durable and
renamed.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from biopipe.bulk.tables import TABLES, schemas_with
from biopipe.errors import OutputError
from biopipe.io.atomic import publish_file
from biopipe.io.run_output.folder import SCRATCH, part_file
from biopipe.io.run_output.journal import FileMark, file_mark

__all__ = ["PartWriter", "written_table"]

# In the footer of every file, so that no clean-up deletes a file that no run has written.
_TABLE_KEY = b"biopipe.table"
# Some megabytes of mentions: few groups for a reader to look at, little to hold while it waits.
_ROWS_PER_GROUP = 16_384


def written_table(path: Path) -> str | None:
    """The table that a Parquet file holds if a biopipe run wrote it, else None."""
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (OSError, pa.ArrowInvalid):
        return None
    table = metadata.get(_TABLE_KEY)
    return table.decode("utf-8", "replace") if table is not None else None


class PartWriter:
    """The four files of a part under temporary names; `publish` gives them their own.

    `keep` names the columns of `documents` beside the usual ones; with `xrefs` the mentions have
    that column.
    """

    def __init__(
        self, folder: Path, name: str, *, keep: Sequence[str] = (), xrefs: bool = False
    ) -> None:
        self._folder = folder
        self._schemas = {
            table: schema.with_metadata({_TABLE_KEY: table.encode()})
            for table, schema in schemas_with(keep, xrefs=xrefs).items()
        }
        self._name = name
        self._waiting: dict[str, list[pa.Table]] = {table: [] for table in TABLES}
        self._temporary = {table: folder / SCRATCH / f"{name}.{table}.parquet" for table in TABLES}
        self._writers = {
            table: pq.ParquetWriter(path, self._schemas[table], compression="zstd")
            for table, path in self._temporary.items()
        }

    def __enter__(self) -> "PartWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for table, path in self._temporary.items():
            if path.exists():
                with suppress(
                    OSError
                ):  # a full disk fails here again; its first error is on its way
                    self._writers[table].close()
                path.unlink()

    def write(self, table: str, rows: pa.Table) -> None:
        """Add rows; they reach the disk in row groups of some thousands, the same ones whatever the
        batches.
        """
        waiting = self._waiting[table]
        waiting.append(rows)
        if sum(chunk.num_rows for chunk in waiting) >= _ROWS_PER_GROUP:
            self._flush(table, rest=True)

    def publish(self, *, documents: int, errors: int) -> dict[str, FileMark]:
        """Rename the files to their place and return their marks by table.

        Checks first that the files on disk hold this many documents and errors.
        """
        for table in TABLES:
            self._flush(table)
            self._writers[table].close()
        # Read back before the rename: once it has its name, nobody looks again.
        self._check("documents", documents)
        self._check("errors", errors)
        marks = {table: self._mark(path) for table, path in self._temporary.items()}
        for table, path in self._temporary.items():
            publish_file(path, part_file(self._folder, table, self._name))
        return marks

    def _mark(self, path: Path) -> FileMark:
        mark = file_mark(path)
        if mark is None:
            raise OutputError(f"{path} cannot be read back; check the disk.")
        return mark

    def _flush(self, table: str, *, rest: bool = False) -> None:
        """Write what waits; with `rest`, what does not fill a row group goes on waiting."""
        waiting = self._waiting[table]
        rows = pa.concat_tables(waiting) if waiting else self._schemas[table].empty_table()
        whole = rows.num_rows - rows.num_rows % _ROWS_PER_GROUP if rest else rows.num_rows
        waiting[:] = [rows.slice(whole)]
        if whole:
            # In one chunk, for pages end where chunks do.
            metadata = self._schemas[table].metadata
            chunk = rows.slice(0, whole).combine_chunks().replace_schema_metadata(metadata)
            self._writers[table].write_table(chunk, row_group_size=_ROWS_PER_GROUP)

    def _check(self, table: str, expected: int) -> None:
        rows = pq.read_metadata(self._temporary[table]).num_rows
        if rows != expected:
            raise OutputError(
                f"Part {self._name} holds {rows} {table} where {expected} were written; check the "
                "disk."
            )
