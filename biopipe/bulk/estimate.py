"""How many documents the fragments hold, for the remaining time: exact for Parquet, a sample for the rest."""

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
    "xml": re.compile(rb"</(?:PubmedArticle|article|document)>"),
}
_CHUNK = 1 << 18


def estimate_documents(fragments: Sequence[Fragment], *, seconds: float = 1.0) -> list[int] | None:
    """Documents of each fragment; None when there is nothing to go by.

    Looks into files of other formats than Parquet for at most `seconds` and takes the rest to be alike.
    """
    deadline = time.monotonic() + seconds
    known: dict[int, int] = {}
    seen_bytes = seen_documents = 0
    for position, fragment in enumerate(fragments):
        rows = parquet_rows(fragment)
        if rows is not None:
            known[position] = rows
        elif time.monotonic() < deadline:
            known[position] = _sampled(fragment, deadline)
            seen_documents += known[position]
            seen_bytes += _size(fragment.path)
    if not sum(known.values()):
        return None
    rate = seen_documents / seen_bytes if seen_bytes else 0.0
    return [
        known[position] if position in known else round(rate * _size(fragment.path))
        for position, fragment in enumerate(fragments)
    ]


def _sampled(fragment: Fragment, deadline: float) -> int:
    """Documents of a file by their marks, from its beginning if there is no time for the whole."""
    mark = _MARKS.get(fragment.format)
    size = _size(fragment.path)
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
