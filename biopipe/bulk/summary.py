"""What a run did and what its output folder holds now."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from biopipe.bulk.counts import Counts
from biopipe.bulk.journal import Part, part_file

__all__ = ["Summary", "first_errors", "repeated_ids", "total"]


@dataclass(frozen=True, slots=True)
class Summary:
    """`counts` is of the whole output folder; `inputs`, `parts` and the seconds of this run alone.

    `parts_redone` were taken out at its start: `damaged` ones, and those whose input has changed
    since.
    """

    output: str
    counts: Counts
    repeated_ids: int
    inputs: int
    parts: int
    parts_before: int
    parts_redone: int
    seconds: float
    loading_seconds: float
    first_errors: tuple[str, ...]
    damaged: tuple[str, ...] = ()

    @property
    def per_second(self) -> float:
        """Inputs of this run per second: reading, annotating and writing, without loading the
        pipeline.
        """
        seconds = self.seconds - self.loading_seconds
        return self.inputs / seconds if seconds > 0 else 0.0

    @property
    def failed(self) -> int:
        """Inputs that did not become documents."""
        return self.counts.inputs - self.counts.documents

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as `biopipe run --json` prints it."""
        return {
            "output": self.output,
            **self.counts.to_dict(),
            "failed": self.failed,
            "repeated_ids": self.repeated_ids,
            "this_run": {
                "inputs": self.inputs,
                "parts": self.parts,
                "parts_before": self.parts_before,
                "parts_redone": self.parts_redone,
                "parts_damaged": list(self.damaged),
                "seconds": round(self.seconds, 3),
                "loading_seconds": round(self.loading_seconds, 3),
                "documents_per_second": round(self.per_second, 3),
            },
        }


def total(parts: Iterable[Part]) -> Counts:
    """The counts of all parts."""
    counts = Counts()
    for part in parts:
        counts.add(part.counts)
    return counts


def repeated_ids(folder: Path, parts: Iterable[Part]) -> int:
    """How many documents have an id that another document had before.

    Told by 64-bit hashes, eight bytes a document.
    """
    digests = b"".join(_digest(each) for part in parts for each in _ids(folder, part))
    hashes = np.frombuffer(digests, dtype=np.uint64)
    return len(hashes) - len(np.unique(hashes))


def first_errors(folder: Path, parts: Iterable[Part], count: int = 3) -> tuple[str, ...]:
    """The first error rows, a line each."""
    lines: list[str] = []
    for part in parts:
        if len(lines) >= count:
            break
        if part.counts.errors:
            rows = pq.read_table(part_file(folder, "errors", part.name)).slice(
                0, count - len(lines)
            )
            lines += [_line(row) for row in rows.to_pylist()]
    return tuple(lines)


def _line(row: dict[str, Any]) -> str:
    name = f" ({row['document_id']})" if row["document_id"] else ""
    return f"{Path(row['input']).name}, row {row['row']}{name}, {row['stage']}: {row['error']}"


def _ids(folder: Path, part: Part) -> Iterator[str]:
    file = part_file(folder, "documents", part.name)
    ids: list[str] = pq.read_table(file, columns=["id"]).column("id").to_pylist()
    yield from ids


def _digest(identifier: str) -> bytes:
    return hashlib.blake2b(identifier.encode(), digest_size=8).digest()
