"""Files as bytes, lines and text, gzip or not; damage is told apart from the end of the file."""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path

from biopipe.errors import InputError, OutputError
from biopipe.io.atomic import atomic_file

__all__ = [
    "BROKEN",
    "BYTE_ORDER_MARK",
    "BrokenFile",
    "binary_lines",
    "check_regular_file",
    "decode_utf8",
    "is_gzip",
    "open_binary",
    "replacing",
    "why_broken",
]


class BrokenFile(ValueError):
    """A file that cannot be read on from some place; the text says why."""


BROKEN = (OSError, EOFError, zlib.error, BrokenFile)
"""What reading a truncated or damaged file raises."""

_GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def check_regular_file(path: Path) -> None:
    """InputError where `path` is none.

    A pipe or a device would let its reader wait for ever, and cannot be read a second time, as a
    format is told, or a fragment begun again.
    """
    if not path.is_file():
        what = "does not exist"
        if path.exists():
            what = "is a folder" if path.is_dir() else "is a pipe or a device"
        raise InputError(f"The input file {path} {what}; give the path of a file.")


@contextmanager
def open_binary(path: Path) -> Iterator[BufferedIOBase]:
    """Open `path` for reading; gzip is recognised by its first bytes, whatever the name."""
    check_regular_file(path)
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
            yield unpacked


def is_gzip(path: Path) -> bool:
    """Whether the name of a file to write asks for gzip."""
    return path.suffix.lower() == ".gz"


@contextmanager
def replacing(path: Path) -> Iterator[BufferedIOBase]:
    """A stream (gzip for .gz) whose bytes become the file `path` when the block ends without error;
    OutputError when they cannot be written.
    """
    try:
        with atomic_file(path) as temporary, temporary.open("wb") as raw:
            if is_gzip(path):
                # mtime=0 and no name: the same documents give the same bytes.
                with gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as packed:
                    yield packed
            else:
                yield raw
    except OSError as error:
        raise OutputError(
            f"The file {path} cannot be written: {error.strerror or error}."
        ) from error


def binary_lines(lines: Iterable[bytes], *, from_start: bool = True) -> Iterator[bytes]:
    """Lines without their line end (LF or CRLF) and without a byte order mark at the start of the
    file, where `lines` begin there.
    """
    for number, line in enumerate(lines):
        if number == 0 and from_start:
            line = line.removeprefix(BYTE_ORDER_MARK)
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def decode_utf8(raw: bytes, name: str = "text") -> str:
    """UTF-8 to text; ValueError names the byte offset of what is not UTF-8, lone surrogates among
    it.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = raw[error.start]
        raise ValueError(
            f"{name} is not valid UTF-8 at byte {error.start} (0x{byte:02x})"
        ) from error


def why_broken(error: Exception) -> str:
    """One clause for an exception of BROKEN."""
    if isinstance(error, BrokenFile):
        return str(error)
    if isinstance(error, EOFError):
        return "the file ends in the middle of its compressed data (truncated)"
    return f"the file cannot be read on from here ({error})"
