"""Addresses such as s3://bucket/folder, told apart from paths."""

import re
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from biopipe.errors import InputError, OutputError

__all__ = ["check_local", "check_local_input", "is_url", "looks_like_address", "shown_url"]

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
# What pathlib makes of such an address: one slash is gone.
_MANGLED_URL = re.compile(r"(?:.*/)?(s3a?|gs|gcs|hf|abfss?|az|hdfs|https?|s?ftp|memory|file):/[^/]")


def is_url(name: str) -> bool:
    """Whether a name is an address and not a path."""
    return _URL.match(name) is not None


def shown_url(url: str) -> str:
    """An address without user, password and what follows "?", as tables and messages show it."""
    parts = urlsplit(url)
    # What follows "?" may be a key or a signature, and run.json and tables are passed on.
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def looks_like_address(path: Path) -> bool:
    """Whether a path was made of an address, such as `s3:/bucket/file`."""
    return _MANGLED_URL.match(path.as_posix()) is not None


def check_local(path: Path) -> None:
    """OutputError for a path that was made of an address, so that no folder is called "s3:"."""
    if match := _MANGLED_URL.match(path.as_posix()):
        raise OutputError(
            f"{path} is an address of '{match[1]}' and no path; biopipe run alone writes to "
            "addresses: give a path, and copy what is written there."
        )


def check_local_input(path: Path) -> None:
    """InputError for a path that was made of an address, where paths alone are read."""
    if match := _MANGLED_URL.match(path.as_posix()):
        raise InputError(
            f"{path} is an address of '{match[1]}' and no path; biopipe run and biopipe report "
            "alone read from addresses: copy what is there, and give its path."
        )
