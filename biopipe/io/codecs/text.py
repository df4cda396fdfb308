"""Plain text: one file, one Document, whose id is the name of the file without its ending.

Nothing of the text goes into the id or into an error.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io.encodings import UTF_8, decode_plain_text
from biopipe.io.rows import OnError, RowError, report_error
from biopipe.io.streams import BROKEN, open_binary, why_broken

__all__ = ["is_pubtator", "name_id", "read"]

_ENDING = re.compile(r"(\.(txt|text))?(\.gz)?\Z", re.IGNORECASE)
_PUBTATOR = re.compile(rb"(\xef\xbb\xbf)?\s*[^|\s]{1,64}\|[ta]\|")
# White space may come before the id; the id itself is within 64 bytes.
_FIRST_BYTES = 4096


def read(path: Path, *, on_error: OnError | None = None) -> Iterator[Document]:
    """The Document of a text file (also gzip), line ends and all.

    UTF-8, or with a byte order mark UTF-16 or UTF-32, or what charset-normalizer tells of the
    bytes, which is then `meta["encoding"]`. A file whose encoding cannot be told, or that is
    empty, becomes a RowError for `on_error`.
    """
    identifier = name_id(path)
    try:
        with open_binary(path) as stream:
            raw = stream.read()
        if not raw.strip():
            raise ValueError("the file is empty")
        text, encoding = decode_plain_text(raw)
    except (*BROKEN, ValueError) as error:
        why = why_broken(error) if isinstance(error, BROKEN) else str(error)
        report_error(RowError(str(path), 0, identifier, why), on_error)
        return
    meta = {} if encoding == UTF_8 else {"encoding": encoding}
    yield Document(identifier, text, meta=meta)


def name_id(path: Path) -> str:
    """The id of the only document of a file: its name without the ending, and without what is not
    valid Unicode in it.
    """
    name = _ENDING.sub("", path.name) or path.name
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def is_pubtator(path: Path) -> bool:
    """Whether a text file begins as PubTator does: ID|t|TITLE. False where it cannot be read."""
    try:
        with open_binary(path) as stream:
            return _PUBTATOR.match(stream.read(_FIRST_BYTES)) is not None
    except (*BROKEN, InputError):
        return False
