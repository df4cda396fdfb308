"""Layout of the output folder of a run, and whether a folder is one."""

import json
from pathlib import Path
from typing import Any

from biopipe.errors import OutputError
from biopipe.io.lock import LOCK_FILES

__all__ = [
    "JOURNAL",
    "RUN_FILE",
    "RUN_FORMAT",
    "RUN_TABLES",
    "SCRATCH",
    "check_run_folder",
    "is_run_file",
    "part_file",
    "read_run_file",
    "run_file_head",
]

RUN_TABLES = ("documents", "mentions", "relations", "errors")
"""Folders of Parquet parts, one a table."""
JOURNAL = "journal"
"""Folder with one JSON file for each finished part."""
SCRATCH = ".tmp"
"""Folder of files that are being written; deleted when a run starts."""
RUN_FILE = "run.json"
RUN_FORMAT = 1
_KIND = "biopipe-run"


def part_file(folder: Path, table: str, name: str) -> Path:
    """The Parquet file with the rows of `table` of the part `name`."""
    return folder / table / f"{name}.parquet"


def is_run_file(name: str) -> bool:
    """Whether a name below an output folder is that of a table or an entry of a part, or run.json."""
    folder, _, file = name.partition("/")
    if folder in RUN_TABLES:
        return "/" not in file and file.endswith(".parquet")
    return name == RUN_FILE or (folder == JOURNAL and "/" not in file and file.endswith(".json"))


def run_file_head() -> dict[str, Any]:
    """The fields of run.json by which it is recognised."""
    return {"kind": _KIND, "format": RUN_FORMAT}


def check_run_folder(path: Path, *, restart: bool = False) -> None:
    """OutputError when `path` is there and is no output of a run; changes nothing.

    With `restart` a run.json that is damaged or gone passes where there is a journal: that tells a
    folder of a run as well, and what it was made with does not matter.
    """
    if path.is_dir():
        read_run_file(path, restart=restart)
    elif path.exists():
        raise OutputError(f"The output {path} is a file; give the path of a folder.")


def read_run_file(path: Path, *, restart: bool = False) -> dict[str, Any] | None:
    """What run.json of the folder `path` says; None in a folder without one.

    OutputError when the folder holds other files and no run.json, when run.json is of something
    else, or of a newer format.
    """
    file = path / RUN_FILE
    if not file.exists():
        # A run that was killed as it began leaves locks, the scratch folder and empty tables.
        own = {*LOCK_FILES, SCRATCH, JOURNAL, *RUN_TABLES}
        foreign = sorted({entry.name for entry in path.iterdir()} - own)
        # With --restart what is there is deleted anyway, and the journal shows whose it is.
        if not (restart and (path / JOURNAL).is_dir()):
            foreign += [name for name in (JOURNAL, *RUN_TABLES) if _holds_files(path / name)]
        if foreign:
            raise OutputError(
                f"The folder {path} is not empty and is no biopipe output (it holds {foreign[0]}, "
                f"but no {RUN_FILE}); choose another folder."
            )
        return None
    content = _parsed(file)
    if content is None:
        if restart and (path / JOURNAL).is_dir():
            return None
        raise OutputError(f"{file} is not the {RUN_FILE} of a biopipe run; choose another folder.")
    # Going on with it would mix parts that this version cannot tell apart.
    if content["format"] > RUN_FORMAT:
        raise OutputError(
            f"{path} has output format {content['format']}, newer than {RUN_FORMAT}; upgrade "
            "biopipe."
        )
    return content


def _parsed(file: Path) -> dict[str, Any] | None:
    """The content of a run.json; None when it is damaged or that of something else."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        of_a_run = content["kind"] == _KIND and isinstance(content["configuration"], dict)
        return content if of_a_run and isinstance(content["format"], int) else None
    except (ValueError, KeyError, TypeError):
        return None


def _holds_files(folder: Path) -> bool:
    return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
