"""The sha256 of files, computed once a process as long as a file stays the same."""

import hashlib
from functools import lru_cache
from pathlib import Path

__all__ = ["file_sha256"]

_BLOCK_BYTES = 1 << 20
# Models, bases and parts of a graph that one process opens; more would only be hashed again.
_REMEMBERED_FILES = 1024


def file_sha256(path: Path) -> str:
    """The sha256 of a file as 64 hex digits; a file of the same size and time is not read again.

    OSError when the file cannot be read.
    """
    status = path.stat()
    return _sha256_of(path.resolve(), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=_REMEMBERED_FILES)
def _sha256_of(path: Path, _modified_ns: int, _size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
