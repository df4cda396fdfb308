"""JSON lines: one Document a line, in the shapes of biopipe.io.codecs.json_shapes."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from biopipe.document import Document
from biopipe.document.fields import DOCUMENT_FIELDS
from biopipe.document.mapping import encode_record
from biopipe.document.unicode import check_text
from biopipe.io.codecs.json_shapes import document_from_json
from biopipe.io.input_columns import InputColumns
from biopipe.io.pieces import ByteRange, FilePiece
from biopipe.io.rows import (
    BadRecord,
    OnError,
    OnPartError,
    build_documents,
    report_left_out,
)
from biopipe.io.streams import (
    MAX_RECORD_BYTES,
    OversizedLine,
    binary_lines,
    bounded_lines,
    decode_utf8,
    open_binary,
    parse_json,
    replacing,
)

__all__ = ["read", "write"]

_USUAL = InputColumns()


def read(
    path: Path,
    *,
    columns: InputColumns = _USUAL,
    on_error: OnError | None = None,
    piece: FilePiece | None = None,
    gold: bool = False,
) -> Iterator[Document]:
    """Documents of a JSON lines file (also gzip) or a piece of it, one after the other; blank lines
    do not count.

    With `gold`, a task of Label Studio that nobody annotated is an error.
    """
    left_out: Counter[str] = Counter()

    def build(line: bytes, on_part_error: OnPartError) -> Document:
        return document_from_json(
            _parsed(line), on_part_error, left_out, columns=columns, gold=gold
        )

    with open_binary(path) as stream:
        raw = _lines_of(stream, piece) if isinstance(piece, ByteRange) else bounded_lines(stream)
        from_start = not isinstance(piece, ByteRange) or piece.start == 0
        lines = (
            line
            for line in binary_lines(raw, from_start=from_start)
            if isinstance(line, OversizedLine) or line.strip()
        )
        nothing = "the file is empty"
        yield from build_documents(str(path), lines, build, on_error, nothing=nothing, piece=piece)
    report_left_out(str(path), left_out, on_error)


def write(documents: Iterable[Document], path: Path) -> int:
    """Write every field of the documents (gzip for .gz) and return their number."""
    count = 0
    with replacing(path) as stream:
        for document in documents:
            line = json.dumps(encode_record(DOCUMENT_FIELDS, document), ensure_ascii=False)
            check_text(line, f"The JSON record of document '{document.id}'")
            stream.write(line.encode("utf-8") + b"\n")
            count += 1
    return count


def _lines_of(stream: BufferedIOBase, piece: ByteRange) -> Iterator[bytes]:
    """The lines that begin in the range."""
    # Ranges are cut at line ends, so no line is shared.
    stream.seek(piece.start)
    return bounded_lines(stream, until=piece.stop)


def _parsed(line: bytes) -> Any:
    if isinstance(line, OversizedLine):
        raise BadRecord(f"the line is longer than {MAX_RECORD_BYTES:,} bytes")
    try:
        return parse_json(decode_utf8(line, "the line"))
    except json.JSONDecodeError as error:
        raise BadRecord(f"the line is not JSON: {error.msg} at character {error.pos}") from error
    except ValueError as error:
        raise BadRecord(str(error)) from error
