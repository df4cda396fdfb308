"""What a run did and what its output folder holds now."""

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from biopipe.document.id_hash import hashes_of_ids
from biopipe.io.run_output.counts import Counts
from biopipe.io.run_output.folder import part_file
from biopipe.io.run_output.journal import Part

__all__ = ["StartOfRun", "Summary", "first_errors", "repeated_ids", "summarise", "total_counts"]


@dataclass(frozen=True, slots=True)
class StartOfRun:
    """What a run found in its folder: times in seconds of `perf_counter`, parts that were finished
    before, parts taken out (`damaged` by name, `outdated` by number), inputs that are gone.
    """

    started: float
    loaded: float
    parts_before: int
    damaged: tuple[str, ...]
    outdated: int
    missing_inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did and what its folder holds.

    `counts` is of the whole output folder; `inputs`, `documents`, `parts` and the seconds are of
    this run alone. `parts_redone` were taken out at its start: `damaged` ones, and those whose
    input has changed since. `missing_inputs` are files that parts in the folder were made from and
    that are no longer there.
    """

    output: str
    counts: Counts
    repeated_ids: int
    inputs: int
    documents: int
    parts: int
    parts_before: int
    parts_redone: int
    seconds: float
    loading_seconds: float
    first_errors: tuple[str, ...]
    damaged: tuple[str, ...] = ()
    missing_inputs: tuple[str, ...] = ()

    @property
    def per_second(self) -> float:
        """Inputs of this run per second: reading, annotating and writing, without loading the
        pipeline.
        """
        seconds = self.seconds - self.loading_seconds
        return self.inputs / seconds if seconds > 0 else 0.0

    @property
    def failed(self) -> int:
        """Inputs in the folder that did not become documents."""
        return self.counts.inputs - self.counts.documents

    @property
    def all_failed(self) -> bool:
        """Whether no input of this run became a document, or, where it had nothing to do, none in
        the folder.
        """
        if self.parts:
            return self.inputs > 0 and self.documents == 0
        return self.counts.inputs > 0 and self.counts.documents == 0

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as `biopipe run --json` prints it."""
        return {
            "output": self.output,
            **self.counts.to_dict(),
            "failed": self.failed,
            "repeated_ids": self.repeated_ids,
            "missing_inputs": list(self.missing_inputs),
            "this_run": {
                "inputs": self.inputs,
                "documents": self.documents,
                "parts": self.parts,
                "parts_before": self.parts_before,
                "parts_redone": self.parts_redone,
                "parts_damaged": list(self.damaged),
                "seconds": round(self.seconds, 3),
                "loading_seconds": round(self.loading_seconds, 3),
                "documents_per_second": round(self.per_second, 3),
            },
        }


def summarise(
    folder: Path, all_parts: Collection[Part], new_parts: Sequence[Part], start: StartOfRun
) -> Summary:
    """The summary of a run that ends now; reads ids and first errors from the tables."""
    return Summary(
        output=str(folder),
        counts=total_counts(all_parts),
        repeated_ids=repeated_ids(folder, all_parts),
        inputs=sum(part.counts.inputs for part in new_parts),
        documents=sum(part.counts.documents for part in new_parts),
        parts=len(new_parts),
        parts_before=start.parts_before,
        parts_redone=start.outdated + len(start.damaged),
        seconds=time.perf_counter() - start.started,
        loading_seconds=start.loaded - start.started,
        first_errors=first_errors(folder, all_parts),
        damaged=start.damaged,
        missing_inputs=start.missing_inputs,
    )


def total_counts(parts: Iterable[Part]) -> Counts:
    """The counts of all parts together."""
    counts = Counts()
    for part in parts:
        counts.add(part.counts)
    return counts


def repeated_ids(folder: Path, parts: Iterable[Part]) -> int:
    """How many documents have an id that another document had before.

    Told by 64-bit hashes, eight bytes a document.
    """
    hashes = hashes_of_ids(name for part in parts for name in _ids(folder, part))
    return len(hashes) - len(np.unique(hashes))


def first_errors(folder: Path, parts: Iterable[Part], count: int = 3) -> tuple[str, ...]:
    """The first error rows, a line each."""
    lines: list[str] = []
    for part in parts:
        if len(lines) >= count:
            break
        if part.counts.errors:
            table = pq.read_table(part_file(folder, "errors", part.name))
            lines += [_line(row) for row in table.slice(0, count - len(lines)).to_pylist()]
    return tuple(lines)


def _line(row: dict[str, Any]) -> str:
    name = f" ({row['document_id']})" if row["document_id"] else ""
    return f"{Path(row['input']).name}, row {row['row']}{name}, {row['stage']}: {row['error']}"


def _ids(folder: Path, part: Part) -> Iterator[str]:
    file = part_file(folder, "documents", part.name)
    ids: list[str] = pq.read_table(file, columns=["id"]).column("id").to_pylist()
    yield from ids
