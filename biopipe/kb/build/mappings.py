"""Files that say which ids mean the same: SSSOM, or Mondo's cross-references as JSON."""

from collections.abc import Callable, Iterator
from pathlib import Path

from biopipe.kb.build.sources import mondo_xrefs, sssom

__all__ = ["MAPPING_PARSERS", "read_mappings"]

MAPPING_PARSERS: dict[str, Callable[..., Iterator[tuple[str, str]]]] = {
    "sssom": sssom.read,
    "mondo_xrefs": mondo_xrefs.read,
}
"""Parsers of sources that have no concepts, but say which of the others are equal."""


def read_mappings(path: Path, *, close: bool = False) -> Iterator[tuple[str, str]]:
    """Pairs of ids that mean the same; with `close`, in SSSOM, those that mean nearly the same."""
    return mondo_xrefs.read(path) if path.suffix == ".json" else sssom.read(path, close=close)
