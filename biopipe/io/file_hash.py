"""The sha256 of files: computed once a process as long as a file stays the same, and of large ones
once a user.
"""

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import IO, NamedTuple

from biopipe.extras import cache_folder
from biopipe.io.atomic import write_json_file

__all__ = ["RememberedHashes", "copy_with_sha256", "file_sha256"]

_BLOCK_BYTES = 1 << 20
# Models, bases and parts of a graph that one process opens; more would only be hashed again.
_REMEMBERED_FILES = 1024
# Times of files have a grain: one that was changed just now may change again and look the same.
_SETTLED_NS = 2_000_000_000
_FORMAT = 1


class _FileState(NamedTuple):
    """What tells that a file is still the same; nobody can set the time of the last change of its
    content or its status, in nanoseconds, by hand.
    """

    size: int
    modified_ns: int
    changed_ns: int
    inode: int
    device: int


def file_sha256(path: Path) -> str:
    """The sha256 of a file as 64 hex digits; one of the same size, times and inode is not read
    again.

    OSError when the file cannot be read.
    """
    return _sha256_of(path.resolve(), _state_of(path))


def copy_with_sha256(source: IO[bytes], target: IO[bytes], *, most: int) -> tuple[str, int]:
    """Copy `source` to `target` block by block; the sha256 and the number of bytes of `source`.

    A number above `most` says that there was more: reading ended there, and nothing beyond `most`
    was written.
    """
    size = 0

    def blocks() -> Iterator[bytes]:
        nonlocal size
        while size <= most and (block := source.read(_BLOCK_BYTES)):
            size += len(block)
            if size <= most:
                target.write(block)
                yield block

    return _digest_of(blocks()), size


class RememberedHashes:
    """Hashes of the files of a folder that are kept in the user's cache folder, so that large ones
    are read once and not in every process.

    `news` says whether a file had to be read. A cache folder that cannot be written costs time
    alone.
    """

    def __init__(self, folder: Path) -> None:
        self.news = False
        self._folder = folder.resolve()
        digest = hashlib.sha256(str(self._folder).encode("utf-8", "surrogateescape")).hexdigest()
        self._store = cache_folder() / "hashes" / f"{digest[:32]}.json"
        self._hashes: dict[str, tuple[_FileState, str]] = dict(_read_store(self._store))

    def sha256(self, path: Path) -> str:
        """As `file_sha256`, for a file below the folder."""
        state, name = _state_of(path), path.relative_to(self._folder).as_posix()
        remembered = self._hashes.get(name)
        if remembered is not None and remembered[0] == state:
            return remembered[1]
        self.news = True
        sha256 = file_sha256(path)
        self._hashes[name] = (state, sha256)
        return sha256

    def save(self) -> None:
        """Keep what was read, where the files have been at rest for a while."""
        latest = max((state.changed_ns for state, _ in self._hashes.values()), default=0)
        if not self.news or time.time_ns() - latest < _SETTLED_NS:
            return
        files = {name: [*state, sha256] for name, (state, sha256) in self._hashes.items()}
        with suppress(OSError):
            self._store.parent.mkdir(parents=True, exist_ok=True)
            content = {"format": _FORMAT, "folder": str(self._folder), "files": files}
            write_json_file(self._store, content)


def _read_store(path: Path) -> Mapping[str, tuple[_FileState, str]]:
    """What was kept; nothing where that cannot be read, and the files are hashed again."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["format"] != _FORMAT:
            return {}
        return {
            name: (_FileState(*map(int, state)), str(sha256))
            for name, (*state, sha256) in stored["files"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _state_of(path: Path) -> _FileState:
    status = path.stat()
    return _FileState(
        # The time of the last change of status too: copying tools set that of the content back.
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
        status.st_dev,
    )


@lru_cache(maxsize=_REMEMBERED_FILES)
def _sha256_of(path: Path, _state: _FileState) -> str:
    with path.open("rb") as file:
        return _digest_of(iter(partial(file.read, _BLOCK_BYTES), b""))


def _digest_of(blocks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()
