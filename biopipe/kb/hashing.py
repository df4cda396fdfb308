"""Stable 64-bit hashes of names."""

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = ["name_hash", "name_hashes", "word_order_hash"]

_BYTES = 8


def name_hash(text: str) -> int:
    """The same number on every machine and in every process (BLAKE2b, 8 bytes)."""
    return int.from_bytes(_digest(text), "little")


def name_hashes(texts: Iterable[str]) -> NDArray[np.uint64]:
    """`name_hash` of each text, (texts,) uint64."""
    return np.frombuffer(b"".join(map(_digest, texts)), dtype="<u8").astype(np.uint64)


def word_order_hash(key: str) -> int:
    """Hash of a word-order key, kept apart from names: no normalised name begins with the sign put
    before it.
    """
    return name_hash("~" + key)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=_BYTES).digest()
