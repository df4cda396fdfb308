"""The texts that an encoder learns from: of files of any format, in pieces of bounded length."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from biopipe.document import Document
from biopipe.io import read
from biopipe.io.formats import format_of

__all__ = ["LONGEST_PIECE", "mixed_texts", "stated_licences", "text_pieces"]

# Characters. Tokenising a book at once takes memory by the hundred megabytes.
LONGEST_PIECE = 20_000
# Fields of a record that say its terms, as collections of open texts spell them.
_LICENCE_FIELDS = ("licence", "license")


def mixed_texts(paths: Sequence[Path]) -> Iterator[str]:
    """The texts of files of any format that biopipe reads, one of each file in turn.

    A title that the text does not begin with goes before it; documents longer than
    `LONGEST_PIECE` characters come in pieces, one after the other.
    """
    streams = [read(path) for path in paths]
    while streams:
        unfinished = []
        for stream in streams:
            document = next(stream, None)
            if document is not None:
                yield from text_pieces(_titled(document))
                unfinished.append(stream)
        streams = unfinished


def text_pieces(text: str, longest: int = LONGEST_PIECE) -> Iterator[str]:
    """`text` in pieces of at most `longest` characters that together are all of it.

    A piece ends after a space where it has one, so that no word is cut that is shorter than a
    piece.
    """
    start = 0
    while len(text) - start > longest:
        end = text.rfind(" ", start, start + longest) + 1 or start + longest
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]


def stated_licences(path: Path) -> str:
    """What the documents of a file say of their licence, the most frequent first.

    "CC BY; CC0" where they say more than one thing, "not stated" where they say nothing. Records of
    JSON say it in a field `licence` or `license`, those of any format in their `meta`.
    """
    # A table that lacks a column which is to be kept cannot be read at all.
    keep = _LICENCE_FIELDS if format_of(path) in ("json", "jsonl") else ()
    found = Counter(
        next(filter(None, map(document.meta.get, _LICENCE_FIELDS)), "not stated")
        for document in read(path, keep=keep)
    )
    return "; ".join(licence for licence, _ in found.most_common()) or "not stated"


def _titled(document: Document) -> str:
    title = str(document.meta.get("title") or "")
    return document.text if document.text.startswith(title) else f"{title} {document.text}"
