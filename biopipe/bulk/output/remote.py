"""An output folder that is reached by an address: a run writes to a folder of this machine, and what
is finished is sent.
"""

import hashlib
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath
from typing import Protocol

from biopipe.errors import OutputError
from biopipe.extras import cache_folder
from biopipe.io.addresses import shown_url
from biopipe.io.remote import RemoteFolder
from biopipe.io.run_output.folder import JOURNAL, RUN_FILE, RUN_TABLES, is_run_file
from biopipe.io.run_output.journal import Part

__all__ = ["LocalOutput", "OutputPlace", "RemoteOutput", "forget_working_folder", "working_folder"]


def working_folder(name: str) -> Path:
    """The folder in the user's cache folder for what a run with this output, an address or a path,
    keeps on this machine until it is finished.
    """
    # Without user and password, so that the run is found again under another login.
    digest = hashlib.sha256(shown_url(name).encode("utf-8", "surrogateescape")).hexdigest()
    return cache_folder() / "runs" / digest[:16]


def forget_working_folder(name: str) -> None:
    """Delete what a finished run kept on this machine."""
    shutil.rmtree(working_folder(name), ignore_errors=True)


class OutputPlace(Protocol):
    """Where the output of a run belongs, told what becomes of the folder that it is made in."""

    name: str

    def fetch_finished(self, *, restart: bool) -> None: ...

    def send_start(self, parts: Iterable[Part]) -> None: ...

    def send_part(self, part: Part) -> None: ...

    def send_all(self, parts: Collection[Part]) -> None: ...


class LocalOutput:
    """The folder itself: what is made there is where it belongs."""

    def __init__(self, folder: Path) -> None:
        self.name = str(folder)

    def fetch_finished(self, *, restart: bool) -> None:
        """What earlier runs finished is there already."""

    def send_start(self, parts: Iterable[Part]) -> None:
        """Nothing to send."""

    def send_part(self, part: Part) -> None:
        """Nothing to send."""

    def send_all(self, parts: Collection[Part]) -> None:
        """Nothing to send."""


class RemoteOutput:
    """The folder `url`, as a copy of the output folder `folder` of this machine.

    Objects of such stores appear whole or not at all, and the journal entry of a part is sent after
    its tables: whoever reads the folder meanwhile sees parts that are whole. Two runs must not
    write to one address at a time; nothing there can be locked.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.name = shown_url(url)
        self._remote = RemoteFolder(url)
        self._folder = folder

    def fetch_finished(self, *, restart: bool) -> None:
        """Fetch the parts that an earlier run finished and that are not on this machine; none with
        `restart`. OutputError when the address holds something else.
        """
        names = self._remote.sizes()
        # Deleting what is of no part must never meet a folder that is not a run's.
        foreign = sorted(name for name in names if not is_run_file(name))
        if foreign and RUN_FILE not in names:
            raise OutputError(
                f"The folder {self._remote.url} is not empty and is no biopipe output (it holds "
                f"{foreign[0]}, but no {RUN_FILE}); choose another folder."
            )
        if restart:
            return
        entries = [name for name in names if name.startswith(f"{JOURNAL}/")]
        for part in sorted(PurePosixPath(name).stem for name in entries):
            # The tables before the entry, in this order: an entry on this machine says that they
            # are there.
            if not (self._folder / _entry(part)).is_file():
                self._fetch_all((*_tables(part), _entry(part)), names)
        if not (self._folder / RUN_FILE).is_file():
            self._fetch_all((RUN_FILE,), names)

    def send_start(self, parts: Iterable[Part]) -> None:
        """Delete what is of no part, entries of the journal first, and send run.json, by which the
        address is known as an output from then on.
        """
        self._delete_others(parts, self._remote.sizes())
        self._remote.send(self._folder / RUN_FILE, RUN_FILE)

    def send_part(self, part: Part) -> None:
        """Send the tables of a part, and then its journal entry."""
        for name in _files(part):
            self._remote.send(self._folder / name, name)

    def send_all(self, parts: Collection[Part]) -> None:
        """Make the address hold what the folder holds: delete there what is of no part, send what
        is missing, and run.json last.
        """
        names = self._remote.sizes()
        self._delete_others(parts, names)
        for name in (name for part in parts for name in _files(part)):
            # By size alone: a part is named by its input and never changes without being deleted
            # first.
            if names.get(name) != (self._folder / name).stat().st_size:
                self._remote.send(self._folder / name, name)
        self._remote.send(self._folder / RUN_FILE, RUN_FILE)

    def _delete_others(self, parts: Iterable[Part], names: Collection[str]) -> None:
        kept = {name for part in parts for name in _files(part)} | {RUN_FILE}
        others = [name for name in names if name not in kept and is_run_file(name)]
        # Without its entry in the journal a part does not count, whatever tables are left of it.
        for name in sorted(others, key=lambda name: (not name.startswith(f"{JOURNAL}/"), name)):
            self._remote.delete(name)

    def _fetch_all(self, wanted: Iterable[str], names: Collection[str]) -> None:
        for name in wanted:
            if name in names:
                self._remote.fetch(name, self._folder / name)


def _files(part: Part) -> tuple[str, ...]:
    """The files of a part, its entry in the journal last."""
    return (*_tables(part.name), _entry(part.name))


def _tables(part: str) -> list[str]:
    return [f"{table}/{part}.parquet" for table in RUN_TABLES]


def _entry(part: str) -> str:
    return f"{JOURNAL}/{part}.json"
