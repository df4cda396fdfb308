"""`biopipe annotate`: a quick look at one text."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from biopipe.document import Document, Mention

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("annotate")(annotate)


def annotate(
    text: Annotated[
        str, typer.Argument(metavar="TEXT|-", help="The text, or - to read it from stdin.")
    ],
    pipeline: Annotated[
        str,
        typer.Option(
            help="'default', 'fast', a folder of nlp.to_disk, a .json or .cfg file, "
            "or a spaCy package."
        ),
    ] = "default",
    device: Annotated[
        str | None, typer.Option(help="cpu, cuda or cuda:N in place of what the pipeline says.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the document as JSON.")] = False,
) -> None:
    """Show what the pipeline finds in TEXT."""
    from biopipe.bulk import annotate as annotate_documents
    from biopipe.document import Document
    from biopipe.document.fields import DOCUMENT_FIELDS
    from biopipe.document.mapping import encode_record
    from biopipe.errors import InputError
    from biopipe.pipeline import load

    document = Document("text", _checked(text))
    annotated, errors = annotate_documents([document], load(pipeline, device=device))
    if errors:
        raise InputError(f"The text cannot be annotated: {errors[0].error} (in {errors[0].stage}).")
    if as_json:
        typer.echo(
            json.dumps(encode_record(DOCUMENT_FIELDS, annotated[0]), ensure_ascii=False, indent=2)
        )
    else:
        _print(annotated[0])


def _checked(text: str) -> str:
    """The text of the argument or of stdin; InputError when it is not valid Unicode."""
    from biopipe.document.unicode import check_text
    from biopipe.errors import InputError
    from biopipe.io.streams import decode_utf8

    if text != "-":
        return check_text(text)
    try:
        return decode_utf8(sys.stdin.buffer.read())
    except ValueError as error:
        raise InputError(f"The text cannot be read: {error}.") from error


def _print(document: "Document") -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if not document.mentions:
        console.print("No mentions found.")
        return
    console.print(_mentions(document))
    if document.relations:
        console.print(_relations(document))


def _mentions(document: "Document") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table("start", "end", "text", "label", "score", "concept", "name", title="Mentions")
    for mention in document.mentions:
        row = [
            str(mention.start),
            str(mention.end),
            _surface(document, mention),
            mention.label,
            f"{mention.score:.2f}",
            ", ".join(mention.concept_ids) or "-",
            _name(mention),
        ]
        table.add_row(*map(Text, row))
    return table


def _relations(document: "Document") -> "Table":
    """Concepts by their first mention, with their id unless they are NIL."""
    from rich.table import Table
    from rich.text import Text

    from biopipe.text.concepts import NIL_PREFIX, concept_mentions

    names = {
        concept.id: _surface(document, document.mentions[concept.mentions[0]])
        for concept in concept_mentions(document)
    }
    table = Table("head", "relation", "tail", "score", "novel", title="Relations")
    for relation in document.relations:
        ends = [
            names.get(end, "")
            if end.startswith(NIL_PREFIX)
            else f"{names.get(end, '')} ({end})".strip()
            for end in (relation.head, relation.tail)
        ]
        novel = {True: "yes", False: "no", None: "-"}[relation.novel]
        table.add_row(
            *map(Text, [ends[0], relation.label, ends[1], f"{relation.score:.2f}", novel])
        )
    return table


def _surface(document: "Document", mention: "Mention") -> str:
    return document.text[mention.start : mention.end]


def _name(mention: "Mention") -> str:
    """The name of the first concept, as the chosen candidate has it."""
    first = mention.concept_ids[:1]
    return next((c.name for c in mention.candidates if (c.concept_id,) == first), "-")
