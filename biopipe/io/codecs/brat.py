"""brat standoff: a folder with a text `NAME.txt` and its annotations `NAME.ann` for each document.

See https://brat.nlplab.org/standoff.html. Offsets count characters. A mention that brat cut at a
line end is read as one; of one in several pieces what lies between them is read too, and that is
told. What the format has and a Document has not (events, notes, attributes that are no assertions)
is counted once a folder.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io.codecs.brat_annotations import read_annotations
from biopipe.io.codecs.brat_files import is_brat_folder, standoff_files
from biopipe.io.encodings import UTF_8, decode_plain_text
from biopipe.io.rows import (
    BadRecord,
    OnError,
    OnPartError,
    build_documents,
    report_left_out,
)
from biopipe.io.streams import BROKEN, check_regular_file, decode_utf8, open_binary, why_broken

__all__ = ["is_brat_folder", "read"]


def read(path: Path, *, on_error: OnError | None = None) -> Iterator[Document]:
    """The documents of a folder and its subfolders by name, or that of one `.ann` file.

    The id is the path of the text in the folder without its ending; a text without annotations is a
    document too. InputError for a folder that holds no `.ann` file.
    """
    if path.is_dir():
        if not is_brat_folder(path):
            raise InputError(
                f"The folder {path} holds no .ann file; give a folder of brat with texts (.txt) and "
                "annotations (.ann)."
            )
        texts, root = standoff_files(path), path
    else:
        check_regular_file(path)
        texts, root = [path.with_suffix(".txt")], path.parent
    left_out: Counter[str] = Counter()

    def build(text_file: Path, on_part_error: OnPartError) -> Document:
        # What the writer percent-encoded: ids such as "10.1000/x" are no file names.
        identifier = unquote(text_file.relative_to(root).with_suffix("").as_posix())
        return _document(text_file, identifier, on_part_error, left_out)

    yield from build_documents(str(path), iter(texts), build, on_error)
    report_left_out(str(path), left_out, on_error)


def _document(
    text_file: Path, identifier: str, on_part_error: OnPartError, left_out: Counter[str]
) -> Document:
    if not text_file.is_file():
        raise BadRecord(f"there is no text {text_file.name} beside the annotations", identifier)
    annotations = text_file.with_suffix(".ann")
    try:
        text, encoding = _text(text_file)
        lines = _lines(annotations) if annotations.is_file() else []
    except (*BROKEN, ValueError) as error:
        why = why_broken(error) if isinstance(error, BROKEN) else str(error)
        raise BadRecord(why, identifier) from error
    mentions, relations = read_annotations(
        text, lines, lambda error: on_part_error(identifier, error), left_out
    )
    meta = {} if encoding == UTF_8 else {"encoding": encoding}
    return Document(identifier, text, mentions, relations, meta=meta)


def _text(path: Path) -> tuple[str, str]:
    with open_binary(path) as stream:
        raw = stream.read()
    try:
        return raw.decode(UTF_8), UTF_8
    except UnicodeDecodeError:
        return decode_plain_text(raw)


def _lines(path: Path) -> list[str]:
    with open_binary(path) as stream:
        # Editors on Windows put a byte order mark before the first annotation, whose id it would
        # spoil.
        raw = stream.read().removeprefix(b"\xef\xbb\xbf")
    # Not splitlines: the words of a mention may hold line separators of Unicode.
    return [line.removesuffix("\r") for line in decode_utf8(raw, path.name).split("\n")]
