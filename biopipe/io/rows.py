"""From raw records to Documents: what cannot be read is told, the rest goes on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from biopipe.document import Document
from biopipe.document.unicode import check_text
from biopipe.errors import InputError
from biopipe.io.pieces import ByteRange, FilePiece
from biopipe.io.streams import BROKEN, why_broken

__all__ = [
    "BadRecord",
    "OnError",
    "OnPartError",
    "RowError",
    "build_documents",
    "report_error",
    "valid_text",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RowError:
    """What could not be read; `row` counts the records of the input file from 0."""

    input: str
    row: int
    document_id: str
    error: str


OnError: TypeAlias = Callable[[RowError], None]
OnPartError: TypeAlias = Callable[[str, str], None]
"""Called with a document id and what is wrong with a part of that document, which is read without
it.
"""


class BadRecord(ValueError):
    """A record that cannot become a Document."""

    def __init__(self, error: str, document_id: str = "") -> None:
        super().__init__(error)
        self.document_id = document_id


def valid_text(text: str, name: str, document_id: str = "") -> str:
    """The text as it is; BadRecord where it holds a lone surrogate."""
    try:
        return check_text(text, name)
    except InputError as error:
        raise BadRecord(str(error).removesuffix("."), document_id) from error


def report_error(error: RowError, on_error: OnError | None) -> None:
    """Hand `error` to `on_error`, or raise it as InputError when nobody listens."""
    if on_error is not None:
        on_error(error)
        return
    name = f" ({error.document_id})" if error.document_id else ""
    raise InputError(f"{error.input}, record {error.row}{name}: {error.error}.")


def build_documents(
    source: str,
    raw: Iterator[T],
    build: Callable[[T, OnPartError], Document],
    on_error: OnError | None,
    *,
    first_row: int = 0,
    nothing: str = "",
    piece: FilePiece | None = None,
) -> Iterator[Document]:
    """Build the raw records one by one; `nothing` is the error when there are none.

    A bad record is reported and left out. When the source breaks, that is reported as one record
    more. Of a range of records, `raw` are those of the whole file, and only the ones in it are
    built; where the file breaks before, it is the reader of an earlier range that tells.
    """
    row = piece.first_row if isinstance(piece, ByteRange) else first_row
    start = piece.first_row if piece else first_row
    stop = None if piece is None or isinstance(piece, ByteRange) else piece.stop
    while stop is None or row < stop:
        try:
            record = next(raw)
        except StopIteration:
            break
        except BROKEN as error:
            if row >= start:
                report_error(RowError(source, row, "", why_broken(error)), on_error)
            return
        if row >= start:
            document = _built(source, row, record, build, on_error)
            if document is not None:
                yield document
        row += 1
    if row == start and nothing and not start:
        report_error(RowError(source, row, "", nothing), on_error)


def _built(
    source: str,
    row: int,
    record: T,
    build: Callable[[T, OnPartError], Document],
    on_error: OnError | None,
) -> Document | None:
    def on_part_error(document_id: str, error: str) -> None:
        report_error(RowError(source, row, document_id, error), on_error)

    try:
        return build(record, on_part_error)
    except BadRecord as error:
        on_part_error(error.document_id, str(error))
    except RecursionError:
        on_part_error("", "the record is nested too deeply to be read")
    return None
