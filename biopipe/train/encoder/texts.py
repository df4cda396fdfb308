"""The texts that an encoder learns from: of files of any format, in pieces of bounded length."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from biopipe.document import Document
from biopipe.io import read

__all__ = ["LONGEST_PIECE", "mixed_texts", "text_pieces"]

# Characters. Tokenising a book at once takes memory by the hundred megabytes.
LONGEST_PIECE = 20_000


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


def _titled(document: Document) -> str:
    title = str(document.meta.get("title") or "")
    return document.text if document.text.startswith(title) else f"{title} {document.text}"
