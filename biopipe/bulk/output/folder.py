"""The output folder of a run that writes there: its configuration and its finished parts."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from biopipe.bulk.parts.writer import written_table
from biopipe.errors import OutputError
from biopipe.io.atomic import write_json_file
from biopipe.io.lock import one_writer
from biopipe.io.run_output.folder import (
    JOURNAL,
    RUN_FILE,
    RUN_TABLES,
    SCRATCH,
    check_run_folder,
    part_file,
    read_run_file,
    run_file_head,
)
from biopipe.io.run_output.journal import finished_names, read_journal

__all__ = ["OutputFolder", "configuration_hash", "open_output_folder"]

# Files are read whole to be checked; on network disks it is waiting that takes the time.
_READING_THREADS = 8


class OutputFolder:
    """An output folder held by this process; get one from `open_output_folder`."""

    def __init__(self, path: Path, configuration: Mapping[str, Any]) -> None:
        self.path = path
        self.configuration = configuration
        self.damaged: list[str] = []
        self.parts = read_journal(path, on_damage=self._forget_entry)

    def _forget_entry(self, entry: Path) -> None:
        """A part with a journal entry that cannot be read is not finished."""
        self.damaged.append(entry.stem)
        entry.unlink()

    def drop_damaged(self) -> list[str]:
        """Take out the parts whose files are not as they were written; the names of all that are
        damaged.

        Reads every byte of every part, several files at a time.
        """
        parts = list(self.parts.values())
        with ThreadPoolExecutor(_READING_THREADS) as pool:
            whole = list(pool.map(lambda part: part.is_whole(self.path), parts))
        damaged = [part.name for part, is_whole in zip(parts, whole, strict=True) if not is_whole]
        self.drop(damaged)
        return sorted([*self.damaged, *damaged])

    def drop(self, names: Iterable[str]) -> None:
        """Take parts out: first their journal entries, then their files."""
        # An entry says that files are whole: while they go, none may stand.
        dropped = [self.parts.pop(name) for name in sorted(names)]
        for part in dropped:
            part.forget(self.path)
        for part in dropped:
            for table in RUN_TABLES:
                part_file(self.path, table, part.name).unlink(missing_ok=True)

    def write_run(self, content: Mapping[str, Any]) -> None:
        """Write run.json: what it always holds, and `content`."""
        head = {
            **run_file_head(),
            "configuration_hash": configuration_hash(self.configuration),
            "configuration": self.configuration,
        }
        # In the scratch folder, for readers of the output list what lies beside run.json.
        temporary = self.path / SCRATCH / RUN_FILE
        write_json_file(self.path / RUN_FILE, head | dict(content), temporary=temporary)

    def prepare(self, *, restart: bool) -> None:
        """Write run.json and make the folders; delete what a killed run left, and with `restart`
        also what earlier runs finished.

        Parts are deleted before run.json says another configuration, and run.json is there before
        the first table is: a run killed in between leaves a folder that the next one understands.
        """
        # What a killed run began; its workers are gone, as the lock on the folder was waited for.
        shutil.rmtree(self.path / SCRATCH, ignore_errors=True)
        (self.path / SCRATCH).mkdir(exist_ok=True)
        if restart:
            self.drop(list(self.parts))
        self.write_run({"finished": False})
        for name in (JOURNAL, *RUN_TABLES):
            (self.path / name).mkdir(exist_ok=True)
        self._delete_unfinished()

    def clean_up(self) -> None:
        """Delete what was begun and not finished."""
        # From the disk: a worker may have finished a part that this process was not told of.
        self.parts = read_journal(self.path)
        for path in (self.path / SCRATCH).iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self._delete_unfinished()

    def _delete_unfinished(self) -> None:
        """Delete part files without a journal entry, if their footer says that a run wrote them."""
        for table in RUN_TABLES:
            for path in (self.path / table).glob("*.parquet"):
                # Somebody may keep files of their own in the folder; these are not a run's to
                # delete.
                if path.stem not in self.parts and written_table(path) == table:
                    path.unlink()


@contextmanager
def open_output_folder(
    path: Path, configuration: Mapping[str, Any], *, restart: bool = False
) -> Iterator[OutputFolder]:
    """Hold `path` as the output folder of a run with `configuration`; nobody else writes there
    meanwhile.

    OutputError when it holds something else, or parts made with another configuration and not
    `restart`.
    """
    check_run_folder(path, restart=restart)
    _make_folder(path)
    with one_writer(path):
        stored = read_run_file(path, restart=restart)
        # A run that failed before its first part leaves nothing that another would mix with.
        if stored is not None and not restart and finished_names(path):
            _check_same(path, stored["configuration"], configuration)
        try:
            folder = OutputFolder(path, configuration)
            folder.prepare(restart=restart)
            yield from _cleaned_up(folder)
        except OSError as error:
            raise OutputError(
                f"Writing to {path} failed ({error}); finished parts are kept: put it right and "
                "start the same command again."
            ) from error


def _cleaned_up(folder: OutputFolder) -> Iterator[OutputFolder]:
    """Hand out the folder; a run that stops half way leaves nothing half made to be seen."""
    try:
        yield folder
    except BaseException:
        # The first error is on its way, and the next run cleans up as well.
        with suppress(OSError, OutputError):
            folder.clean_up()
        raise


def configuration_hash(configuration: Mapping[str, Any]) -> str:
    """sha256 of a configuration, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(configuration, sort_keys=True).encode()).hexdigest()


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The output folder {path} cannot be made: {error.strerror}.") from error


def _check_same(path: Path, stored: Mapping[str, Any], configuration: Mapping[str, Any]) -> None:
    # Through JSON, so that tuples and lists compare as they are stored.
    current = json.loads(json.dumps(configuration))
    changed = _differences(stored, current)
    if changed:
        raise OutputError(
            f"{path} was made with another configuration ({'; '.join(changed[:3])}); "
            "choose another folder, or give --restart to delete its parts and begin again."
        )


def _differences(stored: Any, current: Any, name: str = "") -> list[str]:
    if isinstance(stored, Mapping) and isinstance(current, Mapping):
        keys = sorted({*stored, *current})
        return [
            line
            for key in keys
            for line in _differences(stored.get(key), current.get(key), f"{name}.{key}".strip("."))
        ]
    if isinstance(stored, list) and isinstance(current, list):
        if len(stored) != len(current):
            return [f"{name} had {len(stored)} entries and now has {len(current)}"]
        pairs = enumerate(zip(stored, current, strict=True))
        return [line for number, pair in pairs for line in _differences(*pair, f"{name}[{number}]")]
    if stored == current:
        return []
    return [f"{name} was {_shortened(stored)} and is now {_shortened(current)}"]


def _shortened(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
