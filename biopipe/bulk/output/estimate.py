"""How many documents the fragments hold, for the remaining time: what is known of Parquet and of
pieces of large files, a sample of the rest.
"""

import re
import time
from collections.abc import Sequence
from pathlib import Path

from biopipe.errors import InputError
from biopipe.io.fragments import Fragment
from biopipe.io.pieces import RECORD_ENDS
from biopipe.io.streams import BROKEN, open_binary

__all__ = ["estimate_documents"]

# A record has one of these fields once; braces would also count what lies inside of records.
_JSON_TEXT = re.compile(rb'"(?:abstract|text|CONTEXTS|passages)"\s*:')
# Large enough for fast reading, small enough to look at the clock some times a second.
_CHUNK_BYTES = 1 << 18


def estimate_documents(fragments: Sequence[Fragment], *, seconds: float = 1.0) -> list[int] | None:
    """Documents of each fragment; None when there is nothing to go by.

    Looks for about `seconds` into files of which nothing is known, the largest of each format
    first, and takes the rest of that format to be alike.
    """
    rows = [fragment.rows for fragment in fragments]
    by_format: dict[str, list[int]] = {}
    for position, fragment in enumerate(fragments):
        if rows[position] is None:
            by_format.setdefault(fragment.format, []).append(position)
    for positions in by_format.values():
        counts = _estimate_format(
            [fragments[position] for position in positions], seconds / len(by_format)
        )
        for position, count in zip(positions, counts, strict=True):
            rows[position] = count
    counted = [count or 0 for count in rows]
    return counted if sum(counted) else None


def _estimate_format(fragments: Sequence[Fragment], seconds: float) -> list[int]:
    """Documents of files of one format."""
    deadline = time.monotonic() + seconds
    sizes = [_size(fragment.path) for fragment in fragments]
    counts: dict[int, int] = {}
    # The largest first: they tell most of what is left when the time is up.
    for position in sorted(range(len(fragments)), key=lambda position: -sizes[position]):
        if counts and time.monotonic() > deadline:
            break
        counts[position] = _sample(fragments[position], sizes[position], deadline)
    seen = sum(sizes[position] for position in counts)
    rate = sum(counts.values()) / seen if seen else 0.0
    return [counts.get(position, round(rate * size)) for position, size in enumerate(sizes)]


def _sample(fragment: Fragment, size: int, deadline: float) -> int:
    """Documents of a file by what occurs once in each, from its beginning if there is no time for
    the whole.
    """
    if not size:
        return 0
    count, position = 0, size
    try:
        with open_binary(fragment.path) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                count += _records_in(chunk, fragment.format)
                if time.monotonic() > deadline:
                    # Of a gzip file the place among the compressed bytes, as its size is that of
                    # these.
                    position = getattr(stream, "fileobj", stream).tell()
                    break
    except (InputError, *BROKEN):
        return count
    return round(count * size / max(position, 1))


def _records_in(chunk: bytes, format: str) -> int:
    if format == "json":
        return len(_JSON_TEXT.findall(chunk))
    return sum(chunk.count(end) for end in RECORD_ENDS.get(format, ()))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
