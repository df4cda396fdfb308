"""The finished parts of a run's output, and their rows by whole documents."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from biopipe.errors import InputError
from biopipe.graph.dates import date_numbers
from biopipe.graph.tally import flat
from biopipe.io.addresses import check_local_input
from biopipe.io.file_hash import file_sha256
from biopipe.io.run_output.folder import part_file, read_run_file
from biopipe.io.run_output.journal import read_journal

__all__ = ["PartDocuments", "Source", "SourcePart", "documents_of", "read_source", "rows_of"]

_ROWS = 32_768
_TABLES = ("documents", "mentions", "relations")


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A part of an output folder; `identity` is the sha256 of its content, whatever folder it lies
    in.
    """

    folder: Path
    name: str
    identity: str
    documents: int


@dataclass(frozen=True, slots=True)
class Source:
    """An output folder: its parts by name, the hash of the configuration, and whether its run is
    finished.
    """

    path: Path
    parts: tuple[SourcePart, ...]
    configuration: str
    finished: bool


@dataclass(frozen=True, slots=True)
class PartDocuments:
    """The documents of a part in their order; `ends` are the rows at which those of each document
    end, by table.
    """

    ids: pa.Array
    dates: npt.NDArray[np.int64]
    malformed: npt.NDArray[np.bool_]
    ends: dict[str, npt.NDArray[np.int64]]


def read_source(path: Path) -> Source:
    """The finished parts of what `biopipe run` wrote; InputError when it is no such folder or a
    part is damaged.
    """
    check_local_input(path)
    if not path.is_dir():
        raise InputError(f"There is no folder '{path}'; give the output folder of biopipe run.")
    content = read_run_file(path)
    if content is None:
        raise InputError(f"The folder {path} is empty; give the output folder of biopipe run.")
    return Source(
        path, tuple(_parts(path)), str(content["configuration_hash"]), bool(content.get("finished"))
    )


def _parts(folder: Path) -> Iterator[SourcePart]:
    for name, part in sorted(read_journal(folder).items()):
        if not part.is_whole(folder):
            raise InputError(
                f"The part {name} of {folder} is damaged; start its biopipe run again to redo it."
            )
        # Of the tables and not of the input: it is what was found that is counted.
        hashes = "".join(file_sha256(part_file(folder, table, name)) for table in _TABLES)
        identity = hashlib.sha256(hashes.encode()).hexdigest()
        yield SourcePart(folder, name, identity, part.counts.documents)


def documents_of(part: SourcePart) -> PartDocuments:
    """The documents of a part; all of them in memory, without their texts and mentions."""
    columns = ["id", "date", "mentions", "relations"]
    table = pq.read_table(
        part_file(part.folder, "documents", part.name), columns=columns
    ).combine_chunks()
    dates, malformed = date_numbers(flat(table["date"]))
    ends = {
        name: np.cumsum(table[name].to_numpy(), dtype=np.int64)
        for name in ("mentions", "relations")
    }
    return PartDocuments(flat(table["id"]), dates, malformed, ends)


def rows_of(
    part: SourcePart, table: str, documents: PartDocuments, columns: Sequence[str]
) -> Iterator[tuple[npt.NDArray[np.int64], pa.Table]]:
    """The rows of a table some thousand at a time, each with the number of its document; no
    document is cut.

    Numbers are (rows,) int64.
    """
    ends = documents.ends[table]
    waiting: list[pa.Table] = []
    first = end = 0
    for batch in _batches(part, table, columns):
        waiting.append(batch)
        end += batch.num_rows
        # Documents whose last row has come; those of the next wait for the next batch.
        whole = int(np.searchsorted(ends, end, side="right"))
        cut = int(ends[whole - 1]) if whole else 0
        if cut > first:
            rows = pa.concat_tables(waiting).combine_chunks()
            yield _numbered(part, documents, ends, first, rows.slice(0, cut - first))
            waiting, first = [rows.slice(cut - first)], cut
    if end != (int(ends[-1]) if len(ends) else 0) or first != end:
        raise _damaged(part, table)


def _batches(part: SourcePart, table: str, columns: Sequence[str]) -> Iterator[pa.Table]:
    try:
        with pq.ParquetFile(part_file(part.folder, table, part.name)) as file:
            for batch in file.iter_batches(_ROWS, columns=["document_id", *columns]):
                yield pa.Table.from_batches([batch])
    except pa.ArrowInvalid as error:
        raise _damaged(part, table) from error


def _numbered(
    part: SourcePart,
    documents: PartDocuments,
    ends: npt.NDArray[np.int64],
    first: int,
    rows: pa.Table,
) -> tuple[npt.NDArray[np.int64], pa.Table]:
    numbers = np.searchsorted(ends, np.arange(first, first + rows.num_rows), side="right")
    if not pc.all(pc.equal(rows["document_id"], documents.ids.take(pa.array(numbers)))).as_py():
        raise _damaged(part, "documents")
    return numbers, rows


def _damaged(part: SourcePart, table: str) -> InputError:
    return InputError(
        f"The {table} of part {part.name} in {part.folder} do not fit its other tables; run it again "
        "with --restart."
    )
