"""How many documents the fragments hold, for the remaining time: exact for Parquet, a sample for
the rest.
"""

import re
import time
from collections.abc import Sequence
from pathlib import Path

from biopipe.bulk.part import parquet_rows
from biopipe.errors import InputError
from biopipe.io.fragments import Fragment
from biopipe.io.streams import BROKEN, open_binary

__all__ = ["estimate_documents"]

_MARKS = {
    "jsonl": re.compile(rb"\n"),
    "pubtator": re.compile(rb"\|t\|"),
    "json": re.compile(rb'"(?:abstract|text|CONTEXTS|passages)"\s*:'),
    "xml": re.compile(rb"</(?:MedlineCitation|BookDocument|article|document)>"),
}
_CHUNK = 1 << 18


def estimate_documents(fragments: Sequence[Fragment], *, seconds: float = 1.0) -> list[int] | None:
    """Documents of each fragment; None when there is nothing to go by.

    Looks into files of other formats than Parquet for about `seconds`, the largest of each format
    first, and takes the rest of that format to be alike.
    """
    rows = [parquet_rows(fragment) for fragment in fragments]
    by_format: dict[str, list[int]] = {}
    for position, fragment in enumerate(fragments):
        if rows[position] is None:
            by_format.setdefault(fragment.format, []).append(position)
    for positions in by_format.values():
        counts = _alike([fragments[position] for position in positions], seconds / len(by_format))
        for position, count in zip(positions, counts, strict=True):
            rows[position] = count
    counted = [count or 0 for count in rows]
    return counted if sum(counted) else None


def _alike(fragments: Sequence[Fragment], seconds: float) -> list[int]:
    """Documents of files of one format."""
    deadline = time.monotonic() + seconds
    sizes = [_size(fragment.path) for fragment in fragments]
    known: dict[int, int] = {}
    for position in sorted(range(len(fragments)), key=lambda position: -sizes[position]):
        if known and time.monotonic() > deadline:
            break
        known[position] = _sampled(fragments[position], sizes[position], deadline)
    seen = sum(sizes[position] for position in known)
    rate = sum(known.values()) / seen if seen else 0.0
    return [known.get(position, round(rate * size)) for position, size in enumerate(sizes)]


def _sampled(fragment: Fragment, size: int, deadline: float) -> int:
    """Documents of a file by their marks, from its beginning if there is no time for the whole."""
    mark = _MARKS.get(fragment.format)
    if mark is None or not size:
        return 0
    count, position = 0, size
    try:
        with open_binary(fragment.path) as stream:
            while chunk := stream.read(_CHUNK):
                count += len(mark.findall(chunk))
                if time.monotonic() > deadline:
                    position = getattr(stream, "fileobj", stream).tell()
                    break
    except (InputError, *BROKEN):
        return count
    return round(count * size / max(position, 1))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
