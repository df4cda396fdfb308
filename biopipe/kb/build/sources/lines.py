"""Lines of a UTF-8 text file, plain or gzipped, each with its number."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from biopipe.errors import KnowledgeBaseError

__all__ = ["numbered_lines", "require_file"]


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines without their ends, counted from 1; KnowledgeBaseError when the file is missing, broken
    or not UTF-8.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    number = 0
    try:
        with opened(path, "rb") as file:
            for number, line in enumerate(file, start=1):
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                yield number, text.rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise KnowledgeBaseError(
            f"{path}, line {number}, is not UTF-8 (byte {error.start} of the line); convert the "
            "file to UTF-8."
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise KnowledgeBaseError(
            f"Cannot read {path} after line {number} ({error}); check that the file is there and "
            "whole."
        ) from error


def require_file(path: Path) -> None:
    """KnowledgeBaseError when there is no file at `path`."""
    if not path.is_file():
        raise KnowledgeBaseError(f"There is no file '{path}'; give the terminology file to read.")
