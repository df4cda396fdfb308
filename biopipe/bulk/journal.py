"""The journal of an output folder: one entry for each part that is finished, written after its files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from biopipe.bulk.counts import Counts
from biopipe.bulk.files import write_json
from biopipe.bulk.tables import TABLES
from biopipe.errors import OutputError

__all__ = ["JOURNAL", "SCRATCH", "Part", "part_file", "read_journal"]

JOURNAL = "journal"
SCRATCH = ".tmp"


@dataclass(frozen=True, slots=True)
class Part:
    """A journal entry. `input_state` is size and time of change of the input; `files` bytes by table."""

    name: str
    input: str
    row_group: int | None
    input_state: tuple[int, int]
    counts: Counts
    files: Mapping[str, int]
    seconds: float

    def is_whole(self, folder: Path) -> bool:
        """Whether the four files are there, in the length they were written."""
        return all(_size(part_file(folder, table, self.name)) == self.files[table] for table in TABLES)

    def record(self, folder: Path) -> None:
        """Write the entry; from now on the part counts as finished."""
        plain = {name: getattr(self, name) for name in Part.__dataclass_fields__}
        entry = plain | {"counts": self.counts.to_dict()}
        write_json(entry, _entry(folder, self.name), temporary=folder / SCRATCH / f"{self.name}.json")

    def forget(self, folder: Path) -> None:
        """Take the entry back; the part no longer counts as finished."""
        _entry(folder, self.name).unlink(missing_ok=True)


def read_journal(folder: Path) -> dict[str, Part]:
    """The finished parts of an output folder by name."""
    return {path.stem: _read_entry(path) for path in sorted((folder / JOURNAL).glob("*.json"))}


def _read_entry(path: Path) -> Part:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        counts, state = Counts.from_dict(plain.pop("counts")), tuple(plain.pop("input_state"))
        return Part(**plain, counts=counts, input_state=state)
    except (ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"The journal entry {path} is damaged; delete this file and start again to redo its part."
        ) from error


def _entry(folder: Path, name: str) -> Path:
    return folder / JOURNAL / f"{name}.json"


def part_file(folder: Path, table: str, name: str) -> Path:
    """Where the rows of `table` of a part are."""
    return folder / table / f"{name}.parquet"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1
