"""The formats by name, and which one a file or folder is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io.codecs import (
    bioc,
    bioc_write,
    brat,
    brat_write,
    conll,
    conll_write,
    delimited,
    json_records,
    jsonl,
    label_studio_write,
    parquet,
    pmc,
    pubmed,
    pubtator,
    text,
    web_annotation_write,
)
from biopipe.io.format_types import Format, ReadOptions
from biopipe.io.input_columns import InputColumns
from biopipe.io.losses import EVERYTHING, Losses, watched_documents
from biopipe.io.pieces import FilePiece
from biopipe.io.rows import OnError, RowError, report_error
from biopipe.io.streams import BrokenFile
from biopipe.io.xml_records import root_tag

__all__ = [
    "DOCBIN_NAME",
    "FORMATS",
    "SUFFIXES",
    "Written",
    "ending_format",
    "format_of",
    "kind_of_text",
    "read",
    "write",
]

# The root tells what an .xml holds; names of files never do.
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


@dataclass(frozen=True, slots=True)
class Written:
    """How many documents were written, and what the format could not hold of them."""

    documents: int
    losses: Losses


def read(
    path: str | Path,
    *,
    format: str | None = None,
    text_column: str = "text",
    id_column: str = "id",
    title_column: str = "",
    keep: Sequence[str] = (),
    on_error: OnError | None = None,
    piece: FilePiece | None = None,
    gold: bool = False,
    formats: Mapping[str, Format] | None = None,
) -> Iterator[Document]:
    """Documents of a file or folder in any of FORMATS, by default the one its name or, of XML, JSON
    and .txt, its content tells.

    What cannot be read goes to `on_error` and the rest is read; without it the first such record
    raises InputError. `text_column`, `id_column`, `title_column` and `keep` are the columns of
    tables and the fields of JSON (see InputColumns). A `piece` (see `cut_file`) is read of the
    formats that can be cut; rows of errors count from the start of the file. With `gold`, what a
    model predicted is not taken for what people annotated, in files that hold both. `formats` are
    others to choose from than FORMATS.
    """
    path = Path(path)
    table = FORMATS if formats is None else formats
    name = format or format_of(path, table)
    if name not in table:
        raise InputError(f"Unknown format '{name}'; the formats are: {', '.join(sorted(table))}.")
    columns = InputColumns(text_column, id_column, title_column, tuple(keep))
    return table[name].read(path, ReadOptions(columns, on_error, piece, gold))


def write(
    documents: Iterable[Document],
    path: str | Path,
    *,
    format: str | None = None,
    formats: Mapping[str, Format] | None = None,
) -> Written:
    """Write documents in the format that is named, or that the ending of the path tells.

    What the format cannot hold is counted. OutputError where the path cannot be written, InputError
    for a document that the format cannot hold at all.
    """
    path = Path(path)
    table = FORMATS if formats is None else formats
    name = format or ending_format(path, table)
    writer = table[name].write if name in table else None
    if writer is None:
        names = ", ".join(sorted(name for name in table if table[name].write))
        raise InputError(
            f"'{name or path.name}' names no format to write; the formats are: {names}."
        )
    losses = Losses()
    watched = watched_documents(documents, table[name].held, losses)
    return Written(writer(watched, path, losses), losses)


def format_of(path: Path, formats: Mapping[str, Format] | None = None) -> str:
    """The format that a path tells; InputError when it tells none.

    A folder with annotations of brat is "brat"; a file whose ending tells nothing is PubTator where
    it begins so.
    """
    table = FORMATS if formats is None else formats
    if path.is_dir() and brat.is_brat_folder(path):
        return "brat"
    if path.is_dir():
        raise InputError(
            f"The folder {path} holds no annotations of brat (.ann); give such a folder, or a file."
        )
    name = ending_format(path, table)
    if not name and path.is_file() and text.is_pubtator(path):
        return "pubtator"
    if not name and not path.exists():
        raise InputError(f"There is no file or folder {path}; give one that is there.")
    if not name:
        raise InputError(
            f"The name of {path} tells no format; give a file with one of these endings: "
            f"{', '.join(_endings(table))} (also .gz)."
        )
    return name


def ending_format(path: Path, formats: Mapping[str, Format] | None = None) -> str:
    """The format that the ending of a name tells, "" for none; the longest ending counts."""
    name = path.name.lower().removesuffix(".gz")
    endings = _endings(FORMATS if formats is None else formats)
    return next(
        # ".bioc.json" before ".json".
        (endings[e] for e in sorted(endings, key=len, reverse=True) if name.endswith(e)),
        "",
    )


def _endings(formats: Mapping[str, Format]) -> dict[str, str]:
    return {ending: name for name, format in formats.items() for ending in format.endings}


def kind_of_text(path: Path) -> str:
    """The format of a .txt file: "pubtator" where it begins as PubTator does, else "text"."""
    return "pubtator" if text.is_pubtator(path) else "text"


def _read_xml(path: Path, options: ReadOptions) -> Iterator[Document]:
    try:
        root = root_tag(path)
    except BrokenFile as error:
        return report_error(RowError(str(path), 0, "", str(error)), options.on_error)
    if root not in _ROOTS:
        why = f"the XML has the root element '{root}', which is neither PubMed, PMC nor BioC"
        return report_error(RowError(str(path), 0, "", why), options.on_error)
    yield from read(path, format=_ROOTS[root], on_error=options.on_error, piece=options.piece)


def _read_json(path: Path, options: ReadOptions) -> Iterator[Document]:
    return json_records.read(
        path, columns=options.columns, on_error=options.on_error, gold=options.gold
    )


def _read_jsonl(path: Path, options: ReadOptions) -> Iterator[Document]:
    return jsonl.read(
        path,
        columns=options.columns,
        on_error=options.on_error,
        piece=options.piece,
        gold=options.gold,
    )


def _read_parquet(path: Path, options: ReadOptions) -> Iterator[Document]:
    return parquet.read(path, columns=options.columns, on_error=options.on_error)


def _read_table(path: Path, options: ReadOptions, separator: str = ",") -> Iterator[Document]:
    return delimited.read(
        path,
        separator=separator,
        columns=options.columns,
        on_error=options.on_error,
    )


def _read_txt(path: Path, options: ReadOptions) -> Iterator[Document]:
    if kind_of_text(path) == "pubtator":
        return pubtator.read(path, on_error=options.on_error, piece=options.piece)
    return text.read(path, on_error=options.on_error)


_NOTES = (
    "scores of novelties and directions, evidence and assertions of relations; candidates; "
    "abbreviations; sections, medications, measurements and times of notes"
)

FORMATS: dict[str, Format] = {
    "bioc": Format(
        "BioC XML",
        (".bioc", ".bioc.xml"),
        lambda path, o: bioc.read(path, on_error=o.on_error, piece=o.piece),
        bioc_write.write_xml,
        bioc_write.HELD_FIELDS,
        f"{_NOTES}; passages that overlap; meta other than date, journal, doi, pmc, pmid; control "
        "characters, which become blanks",
    ),
    "biocjson": Format(
        "BioC JSON",
        (".bioc.json",),
        _read_json,
        bioc_write.write_json,
        bioc_write.HELD_FIELDS,
        f"{_NOTES}; passages that overlap; meta other than date, journal, doi, pmc, pmid",
    ),
    "brat": Format(
        "brat standoff, a folder",
        (".ann",),
        lambda path, o: brat.read(path, on_error=o.on_error),
        brat_write.write,
        brat_write.HELD_FIELDS,
        f"scores; novelty and direction; {_NOTES}; passages; meta; relations whose ends are no "
        "mentions; blanks in labels, which become _; line ends at the edges of a mention",
    ),
    "conll": Format(
        "CoNLL, IOB2 tags with offsets",
        (".conll", ".iob", ".iob2", ".bio"),
        lambda path, o: conll.read(path, on_error=o.on_error),
        conll_write.write,
        conll_write.HELD_FIELDS,
        "mentions that are nested or overlap, or that begin or end with a blank; all but the span and "
        "the label of a mention; relations; passages; meta",
    ),
    "csv": Format("CSV", (".csv",), _read_table),
    "json": Format(
        "JSON: records, BioC, Label Studio or Web Annotation, as the content tells",
        (".json",),
        _read_json,
    ),
    "jsonl": Format(
        "JSON lines",
        (".jsonl", ".ndjson"),
        _read_jsonl,
        lambda documents, path, losses: jsonl.write(documents, path),
        EVERYTHING,
        "nothing",
    ),
    "labelstudio": Format(
        "Label Studio, tasks with predictions",
        (".labelstudio.json",),
        _read_json,
        label_studio_write.write,
        label_studio_write.HELD_FIELDS,
        f"novelty; {_NOTES}; passages; relations whose ends are no mentions",
    ),
    "labelstudio-annotations": Format(
        "Label Studio, annotated tasks",
        (),
        _read_json,
        lambda documents, path, losses: label_studio_write.write(
            documents, path, losses, annotations=True
        ),
        label_studio_write.HELD_FIELDS,
        f"novelty; {_NOTES}; passages; relations whose ends are no mentions",
    ),
    "parquet": Format(
        "Parquet",
        (".parquet",),
        _read_parquet,
        lambda documents, path, losses: parquet.write(documents, path),
        EVERYTHING,
        "nothing",
    ),
    "pmc": Format(
        "PMC XML", (), lambda path, o: pmc.read(path, on_error=o.on_error, piece=o.piece)
    ),
    "pubmed": Format(
        "PubMed XML", (), lambda path, o: pubmed.read(path, on_error=o.on_error, piece=o.piece)
    ),
    "pubtator": Format(
        "PubTator",
        (".pubtator",),
        lambda path, o: pubtator.read(path, on_error=o.on_error, piece=o.piece),
        pubtator.write,
        pubtator.HELD_FIELDS,
        f"scores; assertions; {_NOTES}; more than one direction of a pair; meta; passages other "
        "than title and abstract; line breaks, which become blanks",
    ),
    "text": Format("plain text", (".text",), lambda path, o: text.read(path, on_error=o.on_error)),
    "tsv": Format("TSV", (".tsv",), lambda path, o: _read_table(path, o, "\t")),
    "txt": Format("plain text or PubTator, as the content tells", (".txt",), _read_txt),
    "webannotation": Format(
        "W3C Web Annotation, JSON-LD",
        (".jsonld",),
        _read_json,
        web_annotation_write.write,
        web_annotation_write.HELD_FIELDS,
        f"{_NOTES}; passages; meta",
    ),
    "xml": Format(
        "PubMed, PMC or BioC XML, as the root tells; written is BioC",
        (".xml", ".nxml"),
        _read_xml,
        bioc_write.write_xml,
        bioc_write.HELD_FIELDS,
        "what BioC XML cannot hold",
    ),
}
"""Formats by name; "json", "xml" and "txt" are files whose content tells which of the others they
are."""

DOCBIN_NAME = "docbin"
"""The one format beside these: spaCy reads and writes it, see `components/docbin.py`."""

SUFFIXES = _endings(FORMATS)
"""Format by file name ending; all but Parquet may end in .gz as well."""
