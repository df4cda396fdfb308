"""`biopipe annotate`: a quick look at one text."""

import json
import sys
from typing import Annotated, TypeAlias

import typer

from biopipe.cli.annotation_tables import print_document
from biopipe.cli.pipeline_options import BaseDirectory, DeviceName, PipelineName

__all__ = ["register"]

TextOrStdin: TypeAlias = Annotated[
    str, typer.Argument(metavar="TEXT|-", help="The text, or - to read it from stdin.")
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the document as JSON.")]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("annotate")(annotate_command)


def annotate_command(
    text: TextOrStdin,
    pipeline: PipelineName = "default",
    device: DeviceName = None,
    kb: BaseDirectory = None,
    as_json: AsJson = False,
) -> None:
    """Show what the pipeline finds in TEXT: mentions with concepts and what the text says of them,
    and relations.

    Example: biopipe annotate "Metformin did not lower the risk of breast cancer."
    """
    # Here, as everywhere in this room: --help must not load ONNX Runtime and spaCy.
    from biopipe.bulk import annotate as annotate_documents
    from biopipe.document import Document
    from biopipe.document.fields import DOCUMENT_FIELDS
    from biopipe.document.mapping import encode_record
    from biopipe.errors import InputError
    from biopipe.pipeline import load

    document = Document("text", _checked(text))
    annotated, errors = annotate_documents([document], load(pipeline, device=device, kb=kb))
    if errors:
        raise InputError(f"The text cannot be annotated: {errors[0].error} (in {errors[0].stage}).")
    if as_json:
        typer.echo(
            json.dumps(encode_record(DOCUMENT_FIELDS, annotated[0]), ensure_ascii=False, indent=2)
        )
    else:
        print_document(annotated[0])


def _checked(text: str) -> str:
    """The text of the argument or of stdin; InputError when it is not valid Unicode."""
    from biopipe.document.unicode import check_text
    from biopipe.errors import InputError
    from biopipe.io.streams import decode_utf8

    if text != "-":
        return check_text(text)
    try:
        # Bytes: what Python would make of them depends on the locale of the machine.
        return decode_utf8(sys.stdin.buffer.read())
    except ValueError as error:
        raise InputError(f"The text cannot be read: {error}.") from error
