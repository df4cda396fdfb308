"""Stable 64-bit hashes of names and 256-bit hashes of files."""

import hashlib
from functools import lru_cache
from pathlib import Path

__all__ = ["file_sha256", "name_hash", "word_order_hash"]


def name_hash(text: str) -> int:
    """The same number on every machine and in every process (BLAKE2b, 8 bytes)."""
    return int.from_bytes(
        hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little"
    )


def word_order_hash(key: str) -> int:
    """Hash of a word-order key, kept apart from names: no normalised name begins with the sign put
    before it.
    """
    return name_hash("~" + key)


def file_sha256(path: Path) -> str:
    """Hex digest of a file; hashed once per process as long as its size and time stay the same."""
    status = path.stat()
    return _file_sha256(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _file_sha256(path: Path, _modified: int, _size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
