"""The journal of an output folder: one entry for each finished part, written after its files."""

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from biopipe.errors import OutputError
from biopipe.io.atomic import write_json_file
from biopipe.io.run_output.counts import Counts
from biopipe.io.run_output.folder import JOURNAL, RUN_TABLES, SCRATCH, part_file

__all__ = ["FileMark", "Part", "file_mark", "finished_names", "read_journal"]

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FileMark:
    """Size and checksum of a file as it was written: they tell damage, not intent."""

    bytes: int
    crc32: int


@dataclass(frozen=True, slots=True)
class Part:
    """A journal entry: what a fragment of an input became.

    `row_group` is that of a Parquet input, `first_row` the record of the input that the fragment
    begins with, counted from 0. `input_state` is the input's size in bytes and its time of change
    in nanoseconds, (-1, -1) for a file that was not there. `files` are marks by table, `seconds`
    the time that annotating took.
    """

    name: str
    input: str
    row_group: int | None
    input_state: tuple[int, int]
    counts: Counts
    files: Mapping[str, FileMark]
    seconds: float
    first_row: int = 0

    def is_whole(self, folder: Path) -> bool:
        """Whether the four files are there as they were written; reads all of them."""
        return all(
            file_mark(part_file(folder, table, self.name)) == self.files[table]
            for table in RUN_TABLES
        )

    def record(self, folder: Path) -> None:
        """Write the entry; from now on the part counts as finished."""
        plain = {name: getattr(self, name) for name in Part.__dataclass_fields__}
        files = {table: asdict(mark) for table, mark in self.files.items()}
        entry = plain | {"counts": self.counts.to_dict(), "files": files}
        # In the scratch folder: a reader of the journal takes every .json in it for a finished
        # part.
        temporary = folder / SCRATCH / f"{self.name}.json"
        write_json_file(_entry_file(folder, self.name), entry, temporary=temporary)

    def forget(self, folder: Path) -> None:
        """Delete the entry; the part no longer counts as finished."""
        _entry_file(folder, self.name).unlink(missing_ok=True)


def file_mark(path: Path) -> FileMark | None:
    """The mark of a file as it is now; None when it cannot be read. Reads the whole file."""
    size = checksum = 0
    try:
        # Blocks of a megabyte need no buffer of Python's between.
        with path.open("rb", buffering=0) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                size += len(chunk)
                checksum = zlib.crc32(chunk, checksum)
    except OSError:
        return None
    return FileMark(size, checksum)


def finished_names(folder: Path) -> set[str]:
    """The names of the parts that have an entry, readable or not."""
    return {path.stem for path in _entry_files(folder)}


def read_journal(
    folder: Path, *, on_damage: Callable[[Path], None] | None = None
) -> dict[str, Part]:
    """The finished parts of an output folder by name.

    A damaged entry goes to `on_damage`, or raises OutputError where that is None.
    """
    parts = {}
    for path in _entry_files(folder):
        try:
            parts[path.stem] = _read_entry(path)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if on_damage is None:
                raise OutputError(
                    f"The journal entry {path} is damaged; start its biopipe run again to redo "
                    "its part."
                ) from error
            on_damage(path)
    return parts


def _entry_files(folder: Path) -> list[Path]:
    """The entries, sorted; OutputError where the journal may not be read, which a glob would take
    for an empty one, and its parts for unfinished.
    """
    journal = folder / JOURNAL
    try:
        return sorted(path for path in journal.iterdir() if path.suffix == ".json")
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise OutputError(
            f"The folder {journal} cannot be read ({error.strerror}), and it alone says which "
            "parts are finished; make it readable, or choose another output folder."
        ) from error


def _read_entry(path: Path) -> Part:
    plain = json.loads(path.read_text(encoding="utf-8"))
    counts, state = Counts.from_dict(plain.pop("counts")), tuple(plain.pop("input_state"))
    files = {table: FileMark(**mark) for table, mark in plain.pop("files").items()}
    # A copied or renamed entry would vouch for files that it never saw.
    if files.keys() != set(RUN_TABLES) or plain["name"] != path.stem:
        raise ValueError("an entry of something else")
    return Part(**plain, counts=counts, input_state=state, files=files)


def _entry_file(folder: Path, name: str) -> Path:
    return folder / JOURNAL / f"{name}.json"
