"""Output folders of runs that are reached by an address, read as folders of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from biopipe.errors import InputError
from biopipe.io.addresses import check_local_input, is_url, shown_url
from biopipe.io.remote import fetch_file, list_remote, open_file_system
from biopipe.io.run_output.folder import RUN_FILE, is_run_file

__all__ = ["fetched_output"]


@contextmanager
def fetched_output(output: str | Path) -> Iterator[Path]:
    """The output folder of a run on this machine: `output` itself, or of an address such as
    s3://bucket/out a copy of the run's files under the same name, which goes when the block ends.

    InputError where the address holds no output or cannot be read, ExtraMissing where a package is
    missing for it.
    """
    if not is_url(str(output)):
        check_local_input(Path(output))
        yield Path(output)
        return
    with TemporaryDirectory(prefix="biopipe-") as folder:
        yield _fetch(str(output), Path(folder))


def _fetch(url: str, folder: Path) -> Path:
    shown = shown_url(url).rstrip("/")
    _, path = open_file_system(url)
    base = f"{path.strip('/')}/"
    files = {file.path.lstrip("/").removeprefix(base): file for file in list_remote(url)}
    if RUN_FILE not in files:
        raise InputError(
            f"The address {shown} holds no {RUN_FILE}; give the output folder of biopipe run."
        )
    # Under the folder's own name, which pages and messages show.
    copy = folder / (base.rstrip("/").rpartition("/")[2] or "out")
    for name, file in files.items():
        # Only files of a run: a bucket may hold gigabytes beside them, and names are somebody
        # else's.
        if is_run_file(name):
            fetch_file(file, copy / name)
    return copy
