"""`biopipe convert`: annotated documents from one format to another, FHIR and OMOP among them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from biopipe.cli.column_options import IdColumn
from biopipe.cli.errors import print_error
from biopipe.cli.exports import counts_sentence, hospital_format, needs_texts, write_as
from biopipe.cli.format_help import ConvertHelp
from biopipe.errors import InputError

if TYPE_CHECKING:
    from biopipe.document import Document
    from biopipe.io import RowError

__all__ = ["readable_formats", "register"]

Source: TypeAlias = Annotated[
    Path,
    typer.Argument(
        metavar="IN",
        help="An output folder of biopipe run, a folder of brat, or a file of annotated documents "
        "in any of the formats below.",
    ),
]
Target: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        help="The file, or for brat the folder, to write; a file's ending tells its format, and "
        ".gz compresses it.",
    ),
]
To: TypeAlias = Annotated[
    str,
    typer.Option(
        help="A format that is written, see below; fhir is FHIR R4, a Bundle a line, and omop the "
        "table NOTE_NLP of the OMOP CDM. Else what the name of the output tells."
    ),
]
From: TypeAlias = Annotated[
    str, typer.Option("--from", help="The format of IN, where neither name nor content tells it.")
]
Vocabulary: TypeAlias = Annotated[
    Path | None,
    typer.Option(help="OMOP: folder with Athena's CONCEPT.csv and CONCEPT_RELATIONSHIP.csv."),
]
NlpDate: TypeAlias = Annotated[
    str, typer.Option("--date", help="OMOP: nlp_date as YYYY-MM-DD; today unless it is given.")
]
TextColumn: TypeAlias = Annotated[str, typer.Option(help="Column or field with the text.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")]

# More scroll the summary away; the count of all comes at the end.
_SHOWN_ERRORS = 10


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("convert", cls=ConvertHelp)(convert)


def readable_formats() -> list[str]:
    """The formats that --from takes; spaCy is not loaded for them."""
    from biopipe.io.formats import DOCBIN_NAME, FORMATS

    return sorted([*FORMATS, DOCBIN_NAME])


def convert(
    source: Source,
    output: Target,
    to: To = "",
    read_as: From = "",
    text_column: TextColumn = "text",
    id_column: IdColumn = "id",
    vocabulary: Vocabulary = None,
    date: NlpDate = "",
    as_json: AsJson = False,
) -> None:
    """Write annotated documents in another format, and say what it cannot hold.

    A record that cannot be read is told on stderr and left out; exits 1 when none can be read.

    Example: biopipe convert project-7.json -o gold.pubtator
    """
    from biopipe.io.addresses import check_local, check_local_input

    check_local_input(source)
    check_local(output)
    # samefile, for two names may lead to one file.
    if output.exists() and source.exists() and output.samefile(source):
        raise InputError(f"The output {output} is the input as well; give another name.")
    name = to or hospital_format(output)
    errors = _Errors()
    documents = _documents(source, read_as, text_column, id_column, errors, texts=needs_texts(name))
    counts = write_as(documents, output, name, vocabulary=vocabulary, date=date)
    # Documents come as they are written, so errors are complete only now.
    errors.finish()
    if as_json:
        typer.echo(json.dumps(counts | ({"errors": errors.count} if errors.count else {})))
    else:
        typer.echo(counts_sentence(output, counts))
    # A file that is written but empty is no success for the script that called.
    if errors.count and not counts["documents"]:
        raise typer.Exit(1)


class _Errors:
    """Prints the first errors of reading and counts the others."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, error: "RowError") -> None:
        self.count += 1
        if self.count <= _SHOWN_ERRORS:
            of = f" ({error.document_id})" if error.document_id else ""
            print_error(f"{error.input}, record {error.row}{of}: {error.error}.")

    def finish(self) -> None:
        """Say how many errors there were beyond those that were printed."""
        if self.count > _SHOWN_ERRORS:
            print_error(f"{self.count - _SHOWN_ERRORS:,} more errors of this kind.")


def _documents(
    source: Path,
    read_as: str,
    text_column: str,
    id_column: str,
    errors: _Errors,
    *,
    texts: bool,
) -> "Iterator[Document]":
    from biopipe.components.docbin import all_formats
    from biopipe.io import read
    from biopipe.io.codecs.brat_files import is_brat_folder
    from biopipe.io.run_output.documents import is_run_folder, run_documents

    if not read_as and is_run_folder(source):
        return run_documents(source, texts=texts)
    # Told here and not by a reader, which would name the one format that it tried.
    if source.is_dir() and not read_as and not is_brat_folder(source):
        raise InputError(
            f"The folder {source} is no output of biopipe run and holds no annotations of brat "
            "(.ann); give one, or a file."
        )
    return read(
        source,
        format=read_as or _told_format(source),
        text_column=text_column,
        id_column=id_column,
        on_error=errors,
        formats=all_formats(),
    )


def _told_format(source: Path) -> str | None:
    """The format that a name or content tells, None where there is no file; InputError for one that
    tells none.
    """
    from biopipe.components.docbin import all_formats
    from biopipe.io.formats import format_of

    if not source.exists():
        return None
    try:
        return format_of(source, all_formats())
    except InputError as error:
        formats = ", ".join(readable_formats())
        raise InputError(f"{str(error).rstrip('.')}; or say --from {formats}.") from error
