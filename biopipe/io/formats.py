"""The input formats by name, and which one a file is."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io import bioc, json_records, jsonl, parquet, pmc, pubmed, pubtator
from biopipe.io.pieces import FilePiece
from biopipe.io.rows import OnError, RowError, report_error
from biopipe.io.streams import BrokenFile
from biopipe.io.xml_records import root_tag

__all__ = ["FORMATS", "SUFFIXES", "format_of", "read"]

_Read: TypeAlias = Callable[[Path, str, str, OnError | None, FilePiece | None], Iterator[Document]]

SUFFIXES = {
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".txt": "pubtator",
    ".pubtator": "pubtator",
    ".xml": "xml",
    ".nxml": "xml",
    ".bioc": "xml",
}
"""Format by file name ending; all but Parquet may end in .gz as well."""

_ROOTS = {
    "PubmedArticleSet": "pubmed",
    "PubmedArticle": "pubmed",
    "PubmedBookArticleSet": "pubmed",
    "PubmedBookArticle": "pubmed",
    "MedlineCitationSet": "pubmed",
    "MedlineCitation": "pubmed",
    "article": "pmc",
    "pmc-articleset": "pmc",
    "OAI-PMH": "pmc",
    "collection": "bioc",
}


def read(
    path: str | Path,
    *,
    format: str | None = None,
    text_column: str = "text",
    id_column: str = "id",
    on_error: OnError | None = None,
    piece: FilePiece | None = None,
) -> Iterator[Document]:
    """Documents of a file in any of FORMATS, by default the one its name, or for XML its root
    element, tells.

    What cannot be read goes to `on_error` and the rest is read; without it the first such record
    raises InputError. `text_column` and `id_column` are the columns of Parquet and the fields of
    JSON. A `piece` (see `cut_file`) is read of the formats that can be cut; rows of errors count
    from the start of the file.
    """
    path = Path(path)
    name = format or format_of(path)
    if name not in FORMATS:
        raise InputError(f"Unknown format '{name}'; the formats are: {', '.join(sorted(FORMATS))}.")
    return FORMATS[name](path, text_column, id_column, on_error, piece)


def format_of(path: Path) -> str:
    """The format that a file name tells; InputError when it tells none."""
    name = path.name.lower().removesuffix(".gz")
    for suffix, format in SUFFIXES.items():
        if name.endswith(suffix):
            return format
    raise InputError(
        f"The name of {path} tells no format; name one of {', '.join(sorted(FORMATS))}, "
        f"or use one of these endings: {', '.join(SUFFIXES)} (also .gz)."
    )


def _read_xml(
    path: Path,
    text_column: str,
    id_column: str,
    on_error: OnError | None,
    piece: FilePiece | None,
) -> Iterator[Document]:
    try:
        root = root_tag(path)
    except BrokenFile as error:
        return report_error(RowError(str(path), 0, "", str(error)), on_error)
    if root not in _ROOTS:
        why = f"the XML has the root element '{root}', which is neither PubMed, PMC nor BioC"
        return report_error(RowError(str(path), 0, "", why), on_error)
    yield from FORMATS[_ROOTS[root]](path, text_column, id_column, on_error, piece)


FORMATS: dict[str, _Read] = {
    "bioc": lambda path, text, id, on_error, piece: bioc.read(path, on_error=on_error, piece=piece),
    "json": lambda path, text, id, on_error, piece: json_records.read(
        path, text_column=text, id_column=id, on_error=on_error
    ),
    "jsonl": lambda path, text, id, on_error, piece: jsonl.read(
        path, text_column=text, id_column=id, on_error=on_error, piece=piece
    ),
    "parquet": lambda path, text, id, on_error, piece: parquet.read(
        path, text_column=text, id_column=id, on_error=on_error
    ),
    "pmc": lambda path, text, id, on_error, piece: pmc.read(path, on_error=on_error, piece=piece),
    "pubmed": lambda path, text, id, on_error, piece: pubmed.read(
        path, on_error=on_error, piece=piece
    ),
    "pubtator": lambda path, text, id, on_error, piece: pubtator.read(
        path, on_error=on_error, piece=piece
    ),
    "xml": _read_xml,
}
"""Readers by format name; "xml" looks at the root element."""
