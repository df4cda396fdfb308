"""Files as bytes, lines and text, gzip or not; damage is told apart from the end of the file."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from biopipe.errors import InputError, OutputError
from biopipe.io.addresses import looks_like_address
from biopipe.io.atomic import atomic_file

__all__ = [
    "BROKEN",
    "BYTE_ORDER_MARK",
    "MAX_RECORD_BYTES",
    "BrokenFile",
    "OversizedLine",
    "binary_lines",
    "bounded_lines",
    "check_regular_file",
    "decode_utf8",
    "is_gzip",
    "open_binary",
    "parse_json",
    "replacing",
    "why_broken",
]


class BrokenFile(ValueError):
    """A file that cannot be read on from some place; the text says why."""


BROKEN = (OSError, EOFError, zlib.error, BrokenFile)
"""What reading a truncated or damaged file raises."""

# A number of 64 bits has 19; of more than 4,300 Python refuses to make one.
_MOST_DIGITS = 1000
MAX_RECORD_BYTES = 64 * 2**20
"""What is read of one record; a full paper has a thousandth of it."""
_SHOWN_BYTES = 1000
_SKIPPED_BYTES = 1 << 20
_GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def check_regular_file(path: Path) -> None:
    """InputError where `path` is none.

    A pipe or a device would let its reader wait for ever, and cannot be read a second time, as a
    format is told, or a fragment begun again.
    """
    if not path.is_file():
        what = "does not exist"
        if looks_like_address(path):
            what = "is an address, which biopipe run alone reads"
        if path.exists():
            what = "is a folder" if path.is_dir() else "is a pipe or a device"
        raise InputError(f"The input file {path} {what}; give the path of a file.")


@contextmanager
def open_binary(path: Path) -> Iterator[BufferedIOBase]:
    """Open `path` for reading; gzip is recognised by its first bytes, whatever the name.

    InputError where it cannot be opened.
    """
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


class OversizedLine(bytes):
    """The beginning of a line that is longer than what is read of one."""


def bounded_lines(
    stream: BufferedIOBase, *, most: int = MAX_RECORD_BYTES, until: int | None = None
) -> Iterator[bytes]:
    """The lines of a stream, with their ends; those that begin before the byte `until` of the
    stream, where that is given.

    Of a line of more than `most` bytes, which a small compressed file may hold, the beginning comes
    as an OversizedLine and the rest is passed over, never more than a piece of it in memory.
    """
    position = stream.tell() if until is not None else 0
    while until is None or position < until:
        line = stream.readline(most)
        if not line:
            return
        position += len(line)
        if len(line) < most or line.endswith(b"\n"):
            yield line
            continue
        # The rest is read and dropped, so that the next line begins where it does.
        line = OversizedLine(line[:_SHOWN_BYTES])
        while rest := stream.readline(_SKIPPED_BYTES):
            position += len(rest)
            if rest.endswith(b"\n"):
                break
        yield line


def binary_lines(lines: Iterable[bytes], *, from_start: bool = True) -> Iterator[bytes]:
    """Lines without their line end (LF or CRLF) and without a byte order mark at the start of the
    file, where `lines` begin there; an OversizedLine stays one.
    """
    for number, line in enumerate(lines):
        if isinstance(line, OversizedLine):
            yield line
            continue
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


def parse_json(text: str) -> Any:
    """The JSON value of a text; ValueError where it is none, JSONDecodeError says where.

    A whole number of more digits than Python reads is an infinite float, so that it costs the field
    that it stands in and not the record.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:
        # Read again: a function for every number would slow down all files for the sake of one.
        return json.loads(text, parse_int=_integer)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < _MOST_DIGITS else float(digits)


def why_broken(error: Exception) -> str:
    """One clause for an exception of BROKEN."""
    if isinstance(error, BrokenFile):
        return str(error)
    if isinstance(error, EOFError):
        return "the file ends in the middle of its compressed data (truncated)"
    return f"the file cannot be read on from here ({error})"
