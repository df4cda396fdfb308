"""Large files of records cut into pieces that can be read one by one.

JSON lines that are not compressed are cut at bytes, where lines begin. Other files can only be read
from their start, so a piece of one is a range of its records: whoever reads it passes over the ones
before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from gzip import GzipFile
from pathlib import Path
from typing import TypeAlias

from biopipe.errors import InputError
from biopipe.io.streams import BROKEN, BYTE_ORDER_MARK, open_binary

__all__ = [
    "PIECE_BYTES",
    "PIECE_RECORDS",
    "RECORD_ENDS",
    "ByteRange",
    "FilePiece",
    "RowRange",
    "cut_file",
]

PIECE_RECORDS = 5_000
"""Records of a piece: seven minutes for abstracts on two cores, which is what a kill may cost, and
parts of one or two megabytes."""
PIECE_BYTES = 32 * 2**20
"""Uncompressed bytes of a piece, for records that are long: some 600 full papers."""

# 5,000 abstracts take about 8 MB as JSON lines and more as XML; gzip makes a quarter of it. Files
# that are smaller are not looked into.
_LEAST_BYTES = 8 * 2**20
_LEAST_GZIP_BYTES = 2 * 2**20
# To read a range of records costs half the file on average. With this many ranges that is still
# little beside annotating them; for more records, ranges grow.
_MOST_ROW_RANGES = 64
_CHUNK_BYTES = 1 << 20

RECORD_ENDS: dict[str, tuple[bytes, ...]] = {
    "jsonl": (b"\n",),
    "pubtator": (b"|t|",),
    "xml": (b"</MedlineCitation>", b"</BookDocument>", b"</article>", b"</document>"),
    "pubmed": (b"</MedlineCitation>", b"</BookDocument>"),
    "pmc": (b"</article>",),
    "bioc": (b"</document>",),
}
"""What occurs once a record, by format; near enough for an estimate, and for cutting, because the
last range of records has no end."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The lines that begin at the bytes `start` to before `stop`; `first_row` is the record that
    the first of them is, counted from 0.
    """

    start: int
    stop: int
    first_row: int

    def __str__(self) -> str:
        return f"bytes {self.start}-{self.stop}"


@dataclass(frozen=True, slots=True)
class RowRange:
    """The records `first_row` to before `stop`, counted from 0; None is the end of the file."""

    first_row: int
    stop: int | None

    def __str__(self) -> str:
        return f"records {self.first_row}-{'' if self.stop is None else self.stop}"


FilePiece: TypeAlias = ByteRange | RowRange


def cut_file(path: Path, format: str) -> list[tuple[FilePiece, int]]:
    """The pieces of a large file in order, each with its number of records; empty for a file that
    is small, cannot be cut, or cannot be read.

    Reads the whole of a large file. The pieces hold every record of the file once; the number of
    records is exact for byte ranges and an estimate for ranges of records.
    """
    ends = RECORD_ENDS.get(format)
    try:
        if ends is None or path.stat().st_size < _LEAST_GZIP_BYTES:
            return []
        with open_binary(path) as stream:
            compressed = isinstance(stream, GzipFile)
        if not compressed and path.stat().st_size < _LEAST_BYTES:
            return []
        pieces = (
            _byte_ranges(path) if format == "jsonl" and not compressed else _row_ranges(path, ends)
        )
    except (InputError, OSError):  # the reader of the file tells of it
        return []
    # One piece is the file, whose name in a run has no number.
    return pieces if len(pieces) > 1 else []


def _byte_ranges(path: Path) -> list[tuple[FilePiece, int]]:
    pieces: list[tuple[FilePiece, int]] = []
    start = first_row = position = row = 0
    with path.open("rb") as stream:
        line_start, counted = 0, False
        # A line of gigabytes comes in pieces, and counts once.
        while line := stream.readline(_CHUNK_BYTES):
            content = line.removeprefix(BYTE_ORDER_MARK) if position == 0 else line
            # Blank lines are no records, and so begin no piece.
            if not counted and content.strip():
                counted = True
                count = row - first_row
                if count and (count >= PIECE_RECORDS or line_start - start >= PIECE_BYTES):
                    pieces.append((ByteRange(start, line_start, first_row), count))
                    start, first_row = line_start, row
                row += 1
            position += len(line)
            if line.endswith(b"\n"):
                line_start, counted = position, False
    pieces.append((ByteRange(start, position, first_row), row - first_row))
    return pieces


def _row_ranges(path: Path, ends: Sequence[bytes]) -> list[tuple[FilePiece, int]]:
    starts, count = _range_starts(path, ends)
    stops = [*starts[1:], None]
    return [
        (RowRange(start, stop), (count if stop is None else stop) - start)
        for start, stop in zip(starts, stops, strict=True)
    ]


def _range_starts(path: Path, ends: Sequence[bytes]) -> tuple[list[int], int]:
    """The first record of each range, and how many records there are as far as the file can be
    read.
    """
    starts, count, since = [0], 0, 0
    most_records, most_bytes = PIECE_RECORDS, PIECE_BYTES
    overlap = max(map(len, ends)) - 1
    tail = b""
    with open_binary(path) as stream:
        try:
            while chunk := stream.read(_CHUNK_BYTES):
                # An end may lie across two chunks; what the tail alone holds was counted before.
                both = tail + chunk
                count += sum(both.count(end) - tail.count(end) for end in ends)
                tail = both[-overlap:] if overlap else b""
                since += len(chunk)
                while count - starts[-1] > most_records:
                    starts.append(starts[-1] + most_records)
                    since = 0
                if since >= most_bytes and count > starts[-1]:
                    starts.append(count)
                    since = 0
                if len(starts) > _MOST_ROW_RANGES:
                    # Every second start, so that ranges stay equal and the file is not read again.
                    starts = starts[::2]
                    most_records, most_bytes = 2 * most_records, 2 * most_bytes
        except BROKEN:  # the reader of the last range tells of it
            pass
    if len(starts) > 1 and starts[-1] >= count:
        starts.pop()
    return starts, count
