"""Elements of large JSON files, one at a time."""

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from biopipe.errors import KnowledgeBaseError

__all__ = ["JsonStream"]

_CHUNK = 1 << 18
_AFTER_VALUE = frozenset(",:]} \t\r\n")
_SPACE = re.compile(r"[ \t\r\n]*")


class JsonStream:
    """A reader that goes through a JSON file once; use it as a context manager.

    `kind` looks at what comes next, `items` and `members` step into it, `value` takes it whole and
    `skip` passes over it. KnowledgeBaseError names the line where the text stops being JSON.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            raw = (gzip.open if path.suffix == ".gz" else open)(path, "rb")
        except OSError as error:
            raise KnowledgeBaseError(
                f"Cannot read {path} ({error}); check that the file is there."
            ) from error
        self._file = TextIOWrapper(raw, encoding="utf-8-sig")
        self._decoder = json.JSONDecoder()
        self._text, self._at, self._line, self._ended = "", 0, 1, False

    def __enter__(self) -> "JsonStream":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def kind(self) -> str:
        """The first character of what comes next: { [ " or another; "" at the end."""
        while True:
            if match := _SPACE.match(self._text, self._at):
                self._at = match.end()
            if self._at < len(self._text) or not self._read_on():
                return self._text[self._at : self._at + 1]

    def items(self) -> Iterator[int]:
        """Steps through an array: at each number, from 0, the reader stands at an element for the
        caller to take.
        """
        for number, _ in enumerate(self._between("[", "]")):
            yield number

    def members(self) -> Iterator[str]:
        """The keys of an object; after each the reader stands at its value, which the caller must
        take.
        """
        for _ in self._between("{", "}"):
            key = self.value()
            self._expect(":")
            yield key

    def value(self) -> Any:
        """The value that comes next, whole."""
        self.kind()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except ValueError as error:
                if self._read_on():
                    continue
                raise self._error("is not JSON or is cut off") from error
            # What was read may end within a number: "1" or "1." of "1.5".
            if self._text[end : end + 1] in _AFTER_VALUE or not self._read_on():
                self._at = end
                return value

    def skip(self) -> None:
        """Pass over the value that comes next; of an array no more than one element is held."""
        if self.kind() != "[":
            self.value()
            return
        for _ in self.items():
            self.value()

    def _between(self, opening: str, closing: str) -> Iterator[None]:
        self._expect(opening)
        if self.kind() == closing:
            self._at += 1
            return
        while True:
            yield
            if self.kind() == closing:
                self._at += 1
                return
            self._expect(",")

    def _expect(self, sign: str) -> None:
        if self.kind() != sign:
            raise self._error(f"has no '{sign}' where one is needed")
        self._at += 1

    def _read_on(self) -> bool:
        """Whether there was more; what was taken already is let go."""
        if self._ended:
            return False
        rest = self._text[self._at :]
        try:
            # As much again as is held, so that a long value is not begun over and over.
            more = self._file.read(max(_CHUNK, len(rest)))
        except UnicodeDecodeError as error:
            raise self._error("is not UTF-8") from error
        except (OSError, EOFError, zlib.error) as error:
            raise self._error(f"cannot be read on from about here ({error})") from error
        self._line += self._text.count("\n", 0, self._at)
        self._text, self._at, self._ended = rest + more, 0, not more
        return bool(more)

    def _error(self, what: str) -> KnowledgeBaseError:
        line = self._line + self._text.count("\n", 0, self._at)
        return KnowledgeBaseError(
            f"{self._path}, line {line}, {what}; check that the file is whole."
        )
