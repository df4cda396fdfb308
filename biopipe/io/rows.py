"""From raw records to Documents: what cannot be read is told, the rest goes on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from traceback import walk_tb
from typing import TypeAlias, TypeVar

from biopipe.document import Document
from biopipe.document.unicode import check_text
from biopipe.document.validity import valid_document
from biopipe.errors import BiopipeError, InputError
from biopipe.io.pieces import ByteRange, FilePiece
from biopipe.io.streams import BROKEN, why_broken

__all__ = [
    "BadRecord",
    "OddRows",
    "OnError",
    "OnPartError",
    "RowError",
    "build_documents",
    "exception_place",
    "report_error",
    "report_left_out",
    "valid_text",
]

T = TypeVar("T")

_PACKAGE = __name__.split(".", maxsplit=1)[0]

# A file may be wrong in each of its lines: what is told of one document stays within bounds.
_TOLD_PARTS = 20


@dataclass(frozen=True, slots=True)
class RowError:
    """What could not be read; `row` counts the records of the input file from 0."""

    input: str
    row: int
    document_id: str
    error: str


@dataclass(slots=True)
class OddRows:
    """An `on_error` that counts what cannot be read and keeps the first of it, for who reads on and
    says so at the end.
    """

    count: int = 0
    first: RowError | None = None

    def __call__(self, error: RowError) -> None:
        self.count += 1
        self.first = self.first or error

    @property
    def sentence(self) -> str:
        """How many there were, and which the first; "" for none."""
        if self.first is None:
            return ""
        first, rows = self.first, "row is" if self.count == 1 else "rows are"
        of = f" of document '{first.document_id}'" if first.document_id else ""
        return (
            f"{first.input}: {self.count:,} odd {rows} left out or read otherwise, the first in "
            f"record {first.row}{of}: {first.error}."
        )


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


def report_left_out(source: str, left_out: Mapping[str, int], on_error: OnError | None) -> None:
    """Tell, once a file and of no document, how much of it a Document has no place for; nothing of
    it is wrong, so it is no error where nobody listens.
    """
    if left_out and on_error is not None:
        counts = ", ".join(f"{count:,} {what}" for what, count in sorted(left_out.items()))
        on_error(RowError(source, 0, "", f"a document has no place for {counts} of this file"))


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

    A bad record is reported and left out; a part of one that cannot be is reported and the document
    is read without it: the documents of every reader are checked here. When the source breaks, that
    is reported as one record more. Of a range of records, `raw` are those of the whole file, and
    only the ones in it are built; where the file breaks before, it is the reader of an earlier
    range that tells.
    """
    row = piece.first_row if isinstance(piece, ByteRange) else first_row
    start = piece.first_row if piece else first_row
    stop = None if piece is None or isinstance(piece, ByteRange) else piece.stop
    while stop is None or row < stop:
        try:
            record = next(raw)
        except StopIteration:
            break
        except Exception as error:  # what odd bytes do to a parser is not known in advance
            why = _why_no_further(error)
            if row >= start:
                report_error(RowError(source, row, "", why), on_error)
            return
        if row >= start:
            document = _built(source, row, record, build, on_error)
            if document is not None:
                yield document
        row += 1
    # Of a piece behind the first an empty one is nothing to complain about.
    if row == start and nothing and not start:
        report_error(RowError(source, row, "", nothing), on_error)


def _why_no_further(error: Exception) -> str:
    """Why a source cannot be read on; an error that is the reader's own word is raised."""
    if isinstance(error, BROKEN):
        return why_broken(error)
    if isinstance(error, BiopipeError):
        raise error
    return f"the file cannot be read on from here ({exception_place(error)})"


def _built(
    source: str,
    row: int,
    record: T,
    build: Callable[[T, OnPartError], Document],
    on_error: OnError | None,
) -> Document | None:
    """The valid Document of a record, or None; what is wrong is told after it was made, so that an
    error of who listens is not taken for one of the record.
    """
    notes = _Notes()
    document: Document | None = None
    try:
        made = build(record, notes.add)
        document = valid_document(made, lambda error: notes.add(made.id, error))
    except BadRecord as error:
        notes = _Notes([(error.document_id, str(error))])
    except RecursionError:
        notes = _Notes([("", "the record is nested too deeply to be read")])
    except InputError as error:
        notes = _Notes([("", str(error).removesuffix("."))])
    except BiopipeError:
        raise
    except Exception as error:  # a record comes from anywhere, and no shape of one ends a run
        place = exception_place(error)
        notes = _Notes([("", f"the record is not as its format describes it ({place})")])
    for document_id, note in notes.all():
        report_error(RowError(source, row, document_id, note), on_error)
    return document


@dataclass(slots=True)
class _Notes:
    """What is wrong with parts of a document: the first ones, and how many more."""

    first: list[tuple[str, str]] = field(default_factory=list)
    more: int = 0

    def add(self, document_id: str, error: str) -> None:
        if len(self.first) < _TOLD_PARTS:
            self.first.append((document_id, error))
        else:
            self.more += 1

    def all(self) -> Iterator[tuple[str, str]]:
        yield from self.first
        if self.more:
            yield self.first[-1][0], f"{self.more} more parts of the document are left out"


def exception_place(error: Exception) -> str:
    """The type of an exception and the last line of biopipe that it went through; its message may
    quote the record, and is left out.
    """
    lines = [
        (frame.f_globals.get("__name__", ""), number)
        for frame, number in walk_tb(error.__traceback__)
    ]
    # Frames of libraries say little to who reads an error row.
    ours = [(name, number) for name, number in lines if name.split(".")[0] == _PACKAGE]
    place = "".join(f" at {name}:{number}" for name, number in ours[-1:])
    return f"{type(error).__name__}{place}"
