"""Files as bytes and lines, gzip or not; damage is told from the end of the file."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from biopipe.errors import InputError

__all__ = ["BROKEN", "binary_lines", "decode", "open_binary", "why_broken"]

BROKEN = (OSError, EOFError, zlib.error)
"""What reading a truncated or damaged file raises."""

_GZIP_MAGIC = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"


@contextmanager
def open_binary(path: Path) -> Iterator[BinaryIO]:
    """Open `path` for reading; gzip is recognised by its first bytes, whatever the name."""
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise InputError(f"The input file {path} {what}; give the path of a file.")
    try:
        raw = path.open("rb")
    except OSError as error:
        raise InputError(f"The input file {path} cannot be opened: {error.strerror}.") from error
    with raw:
        compressed = raw.read(2) == _GZIP_MAGIC
        raw.seek(0)
        if not compressed:
            yield raw
            return
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield cast(BinaryIO, unpacked)


def binary_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines without their line end (LF or CRLF) and without a byte order mark at the start of the file."""
    for number, line in enumerate(stream):
        if number == 0:
            line = line.removeprefix(_BOM)
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def decode(raw: bytes) -> str:
    """UTF-8 to text; ValueError names the byte offset of what is not UTF-8 (lone surrogates among it)."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"text is not valid UTF-8 at byte {error.start} (0x{raw[error.start]:02x})") from error


def why_broken(error: Exception) -> str:
    """One clause for an exception of BROKEN."""
    if isinstance(error, EOFError):
        return "the file ends in the middle of its compressed data (truncated)"
    return f"the file is damaged from here on ({error})"
