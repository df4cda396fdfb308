"""JSON lines: one Document a line, in the shapes of biopipe.io.records, or one BioC document a
line.
"""

import json
from collections.abc import Iterable, Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from biopipe.document import Document
from biopipe.document.fields import DOCUMENT_FIELDS
from biopipe.document.mapping import encode_record
from biopipe.document.unicode import check_text
from biopipe.io import bioc
from biopipe.io.pieces import ByteRange, FilePiece
from biopipe.io.records import document_from_record
from biopipe.io.rows import BadRecord, OnError, OnPartError, build_documents
from biopipe.io.streams import binary_lines, decode_utf8, open_binary, replacing

__all__ = ["read", "write"]


def read(
    path: Path,
    *,
    text_column: str = "text",
    id_column: str = "id",
    on_error: OnError | None = None,
    piece: FilePiece | None = None,
) -> Iterator[Document]:
    """Documents of a JSON lines file (also gzip) or a piece of it, one after the other; blank lines
    do not count.
    """

    def build(line: bytes, on_part_error: OnPartError) -> Document:
        record = _parsed(line)
        if bioc.is_bioc_document(record):
            return bioc.document_from_bioc(record, on_part_error)
        return document_from_record(
            record, on_part_error, text_column=text_column, id_column=id_column
        )

    with open_binary(path) as stream:
        raw = _lines_of(stream, piece) if isinstance(piece, ByteRange) else stream
        from_start = not isinstance(piece, ByteRange) or piece.start == 0
        lines = (line for line in binary_lines(raw, from_start=from_start) if line.strip())
        nothing = "the file is empty"
        yield from build_documents(str(path), lines, build, on_error, nothing=nothing, piece=piece)


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
    position = stream.seek(piece.start)
    while position < piece.stop and (line := stream.readline()):
        position += len(line)
        yield line


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(decode_utf8(line, "the line"))
    except json.JSONDecodeError as error:
        raise BadRecord(f"the line is not JSON: {error.msg} at character {error.pos}") from error
    except ValueError as error:
        raise BadRecord(str(error)) from error
