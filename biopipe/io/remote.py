"""Files that are reached by an address such as s3://bucket/folder: listed, fetched and sent.

pyarrow's own file systems (S3, Google Cloud Storage, Azure, HDFS) need no further package; every
other protocol goes through fsspec, whose packages have errors of their own that no common type
stands above. Credentials are found as these libraries find them, and those that stand in an address
are neither stored nor shown.
"""

import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow.fs as pafs

from biopipe.errors import BiopipeError, ExtraMissing, InputError, OutputError
from biopipe.extras import require
from biopipe.io.addresses import shown_url
from biopipe.io.atomic import atomic_file

__all__ = [
    "RemoteFile",
    "RemoteFolder",
    "fetch_file",
    "list_remote",
    "open_file_system",
]

_ARROW_PROTOCOLS = ("s3", "gs", "gcs", "abfs", "abfss", "hdfs", "viewfs", "file")
_GCS_PROTOCOLS = ("gs", "gcs")
# Google's client goes on for a quarter of an hour by itself.
_GCS_RETRIES = "retry_limit_seconds=60"
_CHUNK_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file elsewhere; `url` is what it is called, without credentials, and `path` what its file
    system calls it. `changed` is in nanoseconds since 1970, None where that is not told.
    """

    url: str
    file_system: pafs.FileSystem
    path: str
    size: int
    changed: int | None


def open_file_system(url: str) -> tuple[pafs.FileSystem, str]:
    """The file system of an address, and the path in it.

    ExtraMissing, which says what to install, where a package is missing; InputError for a protocol
    that nobody knows, or that does not answer.
    """
    protocol, given = url.partition("://")[0].lower(), url
    try:
        if protocol in _ARROW_PROTOCOLS:
            if protocol in _GCS_PROTOCOLS and "retry_limit_seconds" not in url:
                url += ("&" if "?" in url else "?") + _GCS_RETRIES
            # The path has no scheme and no credentials; those stay in the file system.
            file_system, path = pafs.FileSystem.from_uri(url)
            return file_system, path
        opened, path = require("fsspec.core", "remote").url_to_fs(url)
        return pafs.PyFileSystem(pafs.FSSpecHandler(opened)), path.rstrip("/")
    except BiopipeError:
        raise
    except ImportError as error:
        raise ExtraMissing(
            f"The address {shown_url(url)} needs one more package: {error}."
        ) from error
    except Exception as error:
        raise InputError(
            f"The address {shown_url(url)} cannot be opened ({_reason(error, given)}); give a path, or an "
            "address of S3 (s3://), Google (gs://), Azure (abfs://), Hugging Face (hf://) or "
            "another protocol of fsspec."
        ) from error


def list_remote(url: str) -> list[RemoteFile]:
    """The files that an address names: one file, all below a folder, or those of a pattern with
    "*" or "["; sorted. InputError where there is none.
    """
    file_system, path = open_file_system(url)
    base, pattern = _split_pattern(path)
    try:
        info = file_system.get_file_info(base)
        below = (
            file_system.get_file_info(pafs.FileSelector(base, recursive=True))
            if info.type == pafs.FileType.Directory
            else [info]
        )
    except Exception as error:
        raise _cannot_read(url, error) from error
    wanted = pattern or re.compile("")
    files = [
        entry
        for entry in below
        if entry.type == pafs.FileType.File and wanted.match(entry.path.lstrip("/"))
    ]
    if not files and not (info.type == pafs.FileType.Directory and pattern is None):
        raise InputError(f"The address {shown_url(url)} names no file.")
    return [
        RemoteFile(
            _url_below(url, path, entry.path),
            file_system,
            entry.path,
            entry.size or 0,
            None if entry.mtime_ns is None or entry.mtime_ns <= 0 else entry.mtime_ns,
        )
        for entry in sorted(files, key=lambda entry: entry.path)
    ]


def fetch_file(file: RemoteFile, place: Path) -> None:
    """Copy a file to `place`, unless a copy of the same size and time is there.

    Its time becomes that of the original, or where that is not told one made from its content: the
    same original always gives the same state.
    """
    if _same_state(file, place):
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    # Where a server tells no time, the content stands for it, so that a changed file is seen to
    # differ.
    checksum = 0
    try:
        with (
            file.file_system.open_input_stream(file.path, compression=None) as source,
            atomic_file(place) as temporary,
        ):
            with temporary.open("wb") as copy:
                while chunk := source.read(_CHUNK_BYTES):
                    copy.write(chunk)
                    checksum = zlib.crc32(chunk, checksum)
            changed = checksum if file.changed is None else file.changed
            # The copy has the time of what it was made of: by that it is known again, and the part
            # too.
            _set_time(temporary, changed)
    except Exception as error:
        raise _cannot_read(file.url, error) from error


class RemoteFolder:
    """A folder elsewhere that files are sent to; all names are relative to it."""

    def __init__(self, url: str) -> None:
        self.url = shown_url(url)
        self._file_system, self._path = open_file_system(url)

    def sizes(self) -> dict[str, int]:
        """Size in bytes by name of all files below; empty where there is no folder."""
        selector = pafs.FileSelector(self._path, allow_not_found=True, recursive=True)
        with self._told():
            below = self._file_system.get_file_info(selector)
        start = len(self._path.strip("/")) + 1
        return {
            info.path.strip("/")[start:]: info.size or 0
            for info in below
            if info.type == pafs.FileType.File
        }

    def fetch(self, name: str, place: Path) -> None:
        """Copy a file of the folder to `place`."""
        fetch_file(
            RemoteFile(f"{self.url}/{name}", self._file_system, f"{self._path}/{name}", -1, None),
            place,
        )

    def send(self, file: Path, name: str) -> None:
        """Copy a local file to the folder, in place of one of that name."""
        target = f"{self._path}/{name}"
        with self._told():
            self._file_system.create_dir(target.rpartition("/")[0], recursive=True)
            with (
                file.open("rb") as source,
                self._file_system.open_output_stream(target, compression=None) as copy,
            ):
                while chunk := source.read(_CHUNK_BYTES):
                    copy.write(chunk)

    def delete(self, name: str) -> None:
        """Delete a file of the folder."""
        with self._told():
            self._file_system.delete_file(f"{self._path}/{name}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            raise OutputError(
                f"The output {self.url} cannot be written ({_reason(error, self.url)}); finished parts are "
                "kept: put it right and start the same command again."
            ) from error


def _split_pattern(path: str) -> tuple[str, re.Pattern[str] | None]:
    """The folder above the first part with "*" or "[", and what whole paths have to match."""
    parts = path.split("/")
    first = next((place for place, part in enumerate(parts) if re.search(r"[*\[]", part)), None)
    if first is None:
        return path, None
    pattern = re.escape(path.lstrip("/"))
    # "**/" is any number of folders, none among them, as in glob.
    pattern = pattern.replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    pattern = re.sub(r"\\\[(!?)(.+?)\\\]", lambda m: f"[{'^' if m[1] else ''}{m[2]}]", pattern)
    return "/".join(parts[:first]), re.compile(rf"{pattern}\Z")


def _url_below(url: str, path: str, name: str) -> str:
    """The address of a file that was found in the file system of `url`, whose path is `path`."""
    shown = shown_url(url).rstrip("/")
    root = shown.removesuffix(path.strip("/"))
    return root + name.lstrip("/") if root != shown else shown


def _same_state(file: RemoteFile, place: Path) -> bool:
    if file.changed is None or not place.is_file():
        return False
    state = place.stat()
    return (state.st_size, state.st_mtime_ns) == (file.size, file.changed)


def _set_time(path: Path, nanoseconds: int) -> None:
    os.utime(path, ns=(nanoseconds, nanoseconds))


def _cannot_read(url: str, error: Exception) -> InputError:
    return InputError(f"The input {shown_url(url)} cannot be read ({_reason(error, url)}).")


def _reason(error: Exception, url: str) -> str:
    """The first line of an error, without the credentials of an address."""
    return (
        str(error).replace(url, shown_url(url)).strip().split("\n")[0] or type(error).__name__
    ).rstrip(".")
