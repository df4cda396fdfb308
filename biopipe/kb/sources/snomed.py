"""SNOMED CT in Release Format 2: the Snapshot files of an international or national release."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from biopipe.kb.schema import Concept

__all__ = ["read", "read_version"]


def read(
    path: Path,
    *,
    branches: Collection[str] = (),
    types: Collection[str] = (),
    languages: Sequence[str] = ("en",),
    refsets: Sequence[str] = (),
    modules: Collection[str] = (),
    definitions: bool = True,
    retired: bool = True,
) -> Iterator[Concept]:
    """Active concepts `SNOMEDCT:...` of the release folder at `path`, or of several releases below it.

    `branches` are concept ids, each taken with its descendants by is-a. `types` are semantic tags, such as
    "disorder". `languages` are two-letter codes, the preferred one first; `refsets` are ids of language reference
    sets, whose preferred terms become names in this order. `modules` keeps concepts of these modules.
    """
    raise NotImplementedError


def read_version(path: Path) -> str:
    """The date of the release, such as "20230731"."""
    raise NotImplementedError
