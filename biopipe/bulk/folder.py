"""An output folder: whose it is, the configuration it was made with, and its finished parts."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from biopipe.bulk.files import write_json
from biopipe.bulk.journal import JOURNAL, SCRATCH, part_file, read_journal
from biopipe.bulk.lock import LOCK_FILES, one_writer
from biopipe.bulk.tables import TABLES
from biopipe.bulk.writer import written_table
from biopipe.errors import OutputError

__all__ = ["FORMAT", "OutputFolder", "check_folder", "configuration_hash", "open_folder"]

FORMAT = 1
_RUN = "run.json"
_KIND = "biopipe-run"
_READERS = 8


class OutputFolder:
    """An output folder held by this process; get one from `open_folder`."""

    def __init__(self, path: Path, configuration: Mapping[str, Any]) -> None:
        self.path = path
        self.configuration = configuration
        self.damaged: list[str] = []
        self.parts = read_journal(path, on_damage=self._forget)

    def _forget(self, entry: Path) -> None:
        """A part with a journal entry that says nothing is not finished."""
        self.damaged.append(entry.stem)
        entry.unlink()

    def drop_damaged(self) -> list[str]:
        """Take out the parts whose files are not as they were written; the names of all that are
        damaged.

        Reads every byte of every part, several files at a time.
        """
        parts = list(self.parts.values())
        with ThreadPoolExecutor(_READERS) as pool:
            whole = list(pool.map(lambda part: part.is_whole(self.path), parts))
        damaged = [part.name for part, good in zip(parts, whole, strict=True) if not good]
        self.drop(damaged)
        return sorted([*self.damaged, *damaged])

    def drop(self, names: Iterable[str]) -> None:
        """Take parts out: first their journal entries, then their files."""
        gone = [self.parts.pop(name) for name in sorted(names)]
        for part in gone:
            part.forget(self.path)
        for part in gone:
            for table in TABLES:
                part_file(self.path, table, part.name).unlink(missing_ok=True)

    def write_run(self, content: Mapping[str, Any]) -> None:
        """Write run.json: what it always holds, and `content`."""
        head = {
            "kind": _KIND,
            "format": FORMAT,
            "configuration_hash": configuration_hash(self.configuration),
            "configuration": self.configuration,
        }
        write_json(head | dict(content), self.path / _RUN, temporary=self.path / SCRATCH / _RUN)

    def prepare(self, *, restart: bool) -> None:
        """Clear what a killed run left, and with `restart` also what earlier runs finished."""
        shutil.rmtree(self.path / SCRATCH, ignore_errors=True)
        for name in (SCRATCH, JOURNAL, *TABLES):
            (self.path / name).mkdir(exist_ok=True)
        if restart:
            self.drop(list(self.parts))
        self._sweep()

    def tidy(self) -> None:
        """Clear what was begun and not finished."""
        self.parts = read_journal(self.path)
        for path in (self.path / SCRATCH).iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self._sweep()

    def _sweep(self) -> None:
        """Delete part files without a journal entry, if their footer says that a run wrote them."""
        for table in TABLES:
            for path in (self.path / table).glob("*.parquet"):
                if path.stem not in self.parts and written_table(path) == table:
                    path.unlink()


@contextmanager
def open_folder(
    path: Path, configuration: Mapping[str, Any], *, restart: bool = False
) -> Iterator[OutputFolder]:
    """Hold `path` as the output folder of a run with `configuration`; nobody else writes there
    meanwhile.

    OutputError when it holds something else, or parts made with another configuration and not
    `restart`.
    """
    check_folder(path)
    _make(path)
    with one_writer(path):
        stored = _stored(path)
        if stored is not None and not restart:
            _compare(path, stored, configuration)
        try:
            folder = OutputFolder(path, configuration)
            folder.prepare(restart=restart)
            folder.write_run({"finished": False})
            yield from _tidied(folder)
        except OSError as error:
            raise OutputError(
                f"Writing to {path} failed ({error}); finished parts are kept: put it right and start the "
                "same command again."
            ) from error


def _tidied(folder: OutputFolder) -> Iterator[OutputFolder]:
    """Hand out the folder; a run that stops half way leaves nothing half made to be seen."""
    try:
        yield folder
    except BaseException:
        with suppress(
            OSError, OutputError
        ):  # the first error is on its way, and the next run tidies up as well
            folder.tidy()
        raise


def check_folder(path: Path) -> None:
    """OutputError when `path` holds anything but the output of a run; touches nothing."""
    if path.is_dir():
        _stored(path)
    elif path.exists():
        raise OutputError(f"The output {path} is a file; give the path of a folder.")


def configuration_hash(configuration: Mapping[str, Any]) -> str:
    """sha256 of a configuration, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(configuration, sort_keys=True).encode()).hexdigest()


def _make(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The output folder {path} cannot be made: {error.strerror}.") from error


def _stored(path: Path) -> dict[str, Any] | None:
    """The configuration an earlier run left here; None in an empty folder."""
    run = path / _RUN
    if not run.exists():
        foreign = sorted({each.name for each in path.iterdir()} - {*LOCK_FILES, SCRATCH})
        if foreign:
            raise OutputError(
                f"The folder {path} is not empty and is no biopipe output (it holds {foreign[0]}, "
                f"but no {_RUN}); choose another folder."
            )
        return None
    try:
        content = json.loads(run.read_text(encoding="utf-8"))
        kind, version, stored = content["kind"], content["format"], content["configuration"]
    except (ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"{run} is not the {_RUN} of a biopipe run; choose another folder."
        ) from error
    if kind != _KIND or not isinstance(stored, dict):
        raise OutputError(f"{run} is not the {_RUN} of a biopipe run; choose another folder.")
    if version > FORMAT:
        raise OutputError(
            f"{path} has output format {version}, newer than {FORMAT}; upgrade biopipe."
        )
    return stored


def _compare(path: Path, stored: Mapping[str, Any], configuration: Mapping[str, Any]) -> None:
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
    return (
        [] if stored == current else [f"{name} was {_short(stored)} and is now {_short(current)}"]
    )


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
