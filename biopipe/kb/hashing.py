"""Stable 64-bit hashes of names."""

import hashlib

__all__ = ["name_hash", "word_order_hash"]


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
