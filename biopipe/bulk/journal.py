"""The journal of an output folder: one entry for each part that is finished, written after its
files.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from biopipe.bulk.counts import Counts
from biopipe.bulk.files import FileMark, file_mark, write_json
from biopipe.bulk.tables import TABLES
from biopipe.errors import OutputError

__all__ = ["JOURNAL", "SCRATCH", "Part", "finished_names", "part_file", "read_journal"]

JOURNAL = "journal"
SCRATCH = ".tmp"


@dataclass(frozen=True, slots=True)
class Part:
    """A journal entry. `input_state` is size and time of change of the input; `files` their marks
    by table.
    """

    name: str
    input: str
    row_group: int | None
    input_state: tuple[int, int]
    counts: Counts
    files: Mapping[str, FileMark]
    seconds: float

    def is_whole(self, folder: Path) -> bool:
        """Whether the four files are there as they were written; reads all of them."""
        return all(
            file_mark(part_file(folder, table, self.name)) == self.files[table] for table in TABLES
        )

    def record(self, folder: Path) -> None:
        """Write the entry; from now on the part counts as finished."""
        plain = {name: getattr(self, name) for name in Part.__dataclass_fields__}
        files = {table: asdict(mark) for table, mark in self.files.items()}
        entry = plain | {"counts": self.counts.to_dict(), "files": files}
        write_json(
            entry, _entry(folder, self.name), temporary=folder / SCRATCH / f"{self.name}.json"
        )

    def forget(self, folder: Path) -> None:
        """Take the entry back; the part no longer counts as finished."""
        _entry(folder, self.name).unlink(missing_ok=True)


def finished_names(folder: Path) -> set[str]:
    """The names of the parts that have an entry, whatever it holds."""
    return {path.stem for path in (folder / JOURNAL).glob("*.json")}


def read_journal(
    folder: Path, *, on_damage: Callable[[Path], None] | None = None
) -> dict[str, Part]:
    """The finished parts of an output folder by name.

    A damaged entry goes to `on_damage`, or is an OutputError when nobody listens.
    """
    parts = {}
    for path in sorted((folder / JOURNAL).glob("*.json")):
        try:
            parts[path.stem] = _read_entry(path)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if on_damage is None:
                raise OutputError(
                    f"The journal entry {path} is damaged; start its biopipe run again to redo its part."
                ) from error
            on_damage(path)
    return parts


def _read_entry(path: Path) -> Part:
    plain = json.loads(path.read_text(encoding="utf-8"))
    counts, state = Counts.from_dict(plain.pop("counts")), tuple(plain.pop("input_state"))
    files = {table: FileMark(**mark) for table, mark in plain.pop("files").items()}
    if files.keys() != set(TABLES) or plain["name"] != path.stem:
        raise ValueError("an entry of something else")
    return Part(**plain, counts=counts, input_state=state, files=files)


def _entry(folder: Path, name: str) -> Path:
    return folder / JOURNAL / f"{name}.json"


def part_file(folder: Path, table: str, name: str) -> Path:
    """Where the rows of `table` of a part are."""
    return folder / table / f"{name}.parquet"
