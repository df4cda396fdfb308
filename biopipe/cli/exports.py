"""Documents written in a format of others, for `biopipe convert` and `biopipe run --to`."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from biopipe.errors import ConfigError

if TYPE_CHECKING:
    from biopipe.document import Document

__all__ = [
    "check_export",
    "counts_sentence",
    "export_file",
    "export_run",
    "hospital_format",
    "needs_texts",
    "write_as",
    "written_names",
]

# Of hospitals: a Bundle a line is written as .ndjson (FHIR Bulk Data), NOTE_NLP as .csv.
_HOSPITAL_ENDINGS = {".ndjson": "fhir", ".csv": "omop"}
# What a run's export is called in its folder, where it is not "documents" with its format's ending.
_EXPORT_NAMES = {"fhir": "fhir.ndjson", "omop": "note_nlp.csv", "brat": "brat"}
_LEFT_OUT = "left out: "


def written_names() -> list[str]:
    """The formats that --to takes."""
    from biopipe.io.formats import DOCBIN_NAME, FORMATS

    written = (name for name, format in FORMATS.items() if format.write)
    return sorted([*written, DOCBIN_NAME, *_HOSPITAL_ENDINGS.values()])


def hospital_format(output: Path) -> str:
    """The format of hospitals that the name of a file tells, "" for none."""
    return _HOSPITAL_ENDINGS.get(Path(output.name.removesuffix(".gz")).suffix, "")


def needs_texts(name: str) -> bool:
    """Whether a format holds whole texts."""
    return name not in _EXPORT_NAMES or name == "brat"


def check_export(name: str) -> None:
    """ConfigError unless there is a format of this name to write."""
    if name not in written_names():
        raise ConfigError(f"'{name}' names no format to convert to; {_formats_to_give()}.")


def export_file(folder: Path, name: str) -> Path:
    """Where the export of a run in a format lies in the run's folder."""
    from biopipe.components.docbin import all_formats

    if name in _EXPORT_NAMES:
        return folder / _EXPORT_NAMES[name]
    # The first ending is the one that is read back without naming the format.
    ending, *_ = all_formats()[name].endings or (f".{name}",)
    return folder / f"documents{ending}"


def export_run(folder: Path, name: str) -> tuple[Path, dict[str, int]]:
    """Write what a finished run found in a format, all parts in the order of their names, to a file
    in its folder that is replaced as a whole; where it lies, and the counts.
    """
    from biopipe.io.run_output.documents import run_documents

    output = export_file(folder, name)
    documents = run_documents(folder, texts=needs_texts(name))
    return output, write_as(documents, output, name)


def write_as(
    documents: "Iterator[Document]",
    output: Path,
    name: str,
    *,
    vocabulary: Path | None = None,
    date: str = "",
) -> dict[str, int]:
    """Write documents in the format that is named, or that the name of the output tells; counts of
    what was written and of what the format cannot hold.
    """
    if name == "fhir":
        return _to_fhir(documents, output)
    if name == "omop":
        return _to_omop(documents, output, vocabulary, date)
    return _to_format(documents, output, name)


def counts_sentence(output: Path, counts: dict[str, int]) -> str:
    """The counts; those of what a format cannot hold come last."""
    lost = {what: n for what, n in counts.items() if what.startswith(_LEFT_OUT)}
    written = ", ".join(f"{n:,} {what}" for what, n in counts.items() if what not in lost)
    left_out = ", ".join(f"{n:,} {what.removeprefix(_LEFT_OUT)}" for what, n in lost.items())
    return f"{output}: {written}." + (f" Left out, not in the format: {left_out}." if lost else "")


def _to_format(documents: "Iterator[Document]", output: Path, to: str) -> dict[str, int]:
    from biopipe.components.docbin import all_formats
    from biopipe.io.formats import ending_format, write
    from biopipe.text.sentences import with_sentences

    formats = all_formats()
    name = to or ending_format(output, formats)
    if name not in formats or formats[name].write is None:
        raise ConfigError(
            f"'{name if to else output.name}' names no format to convert to; {_formats_to_give()}."
        )
    # The format is one of sentences, and readers of other formats give none.
    if name == "conll":
        documents = map(with_sentences, documents)
    written = write(documents, output, format=name, formats=formats)
    lost = {f"{_LEFT_OUT}{what}": n for what, n in written.losses.counts.most_common()}
    return {"documents": written.documents} | lost


def _to_fhir(documents: "Iterator[Document]", output: Path) -> dict[str, int]:
    from biopipe.io.codecs import fhir

    summary = fhir.write(documents, output)
    return {
        "documents": summary.documents,
        "resources": summary.resources,
        "left out as hypothetical or a relative's": summary.left_out,
    }


def _to_omop(
    documents: "Iterator[Document]", output: Path, vocabulary: Path | None, date: str
) -> dict[str, int]:
    from biopipe import __version__
    from biopipe.io.codecs import omop
    from biopipe.io.codecs.omop_vocabulary import OmopVocabulary

    try:
        day = datetime.date.fromisoformat(date) if date else datetime.date.today()
    except ValueError as error:
        raise ConfigError(f"'{date}' is no date; write it as YYYY-MM-DD.") from error
    options = omop.NoteNlpOptions(
        system=f"biopipe {__version__}",
        date=day,
        vocabulary=OmopVocabulary.read(vocabulary) if vocabulary else None,
    )
    count, rows = omop.write(documents, output, options)
    return {"documents": count, "rows": rows}


def _formats_to_give() -> str:
    *names, last = written_names()
    return f"give --to {', '.join(names)} or {last}"
