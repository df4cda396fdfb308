"""An annotated document as a person reads it in a terminal: its text in colour, and two tables."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from biopipe.document import Document, Mention, Relation

__all__ = ["print_document"]

# Of a table that goes into a file or a pipe nothing is to be cut at the width of a small terminal.
_WIDTH_ELSEWHERE = 160


def print_document(document: "Document", console: "Console | None" = None) -> None:
    """Print mentions and relations, on a terminal with colours and below the text; rich leaves the
    colours out where NO_COLOR says so.
    """
    console = console or _console()
    if not document.mentions:
        console.print("No mentions found.")
        return
    if console.is_terminal:
        console.print(_coloured_text(document), soft_wrap=True)
        console.print()
    console.print(_mentions(document))
    if document.relations:
        console.print(_relations(document))


def _console() -> "Console":
    from rich.console import Console

    # Rich would colour every number in a name.
    console = Console(highlight=False)
    if console.is_terminal or "COLUMNS" in os.environ:
        return console
    return Console(highlight=False, width=_WIDTH_ELSEWHERE)


def _coloured_text(document: "Document") -> "Text":
    from rich.text import Text

    text = Text(document.text)
    # Of mentions inside of others the shorter ones are on top.
    for mention in sorted(document.mentions, key=lambda mention: mention.start - mention.end):
        text.stylize(_style(mention.label), mention.start, mention.end)
    return text


def _mentions(document: "Document") -> "Table":
    """A row a mention; of assertion, section and long form only the columns that say something."""
    rows = [
        {
            "place": f"{mention.start}-{mention.end}",
            "text": document.mention_text(mention),
            "label": mention.label,
            "score": f"{mention.score:.2f}",
            "concept": ", ".join(mention.concept_ids) or "-",
            "name": _concept_name(mention),
            "assertion": _assertion(mention.assertion),
            "section": mention.section,
            "long form": mention.long_form,
        }
        for mention in document.mentions
    ]
    return _table("Mentions", rows, optional=("assertion", "section", "long form"))


def _relations(document: "Document") -> "Table":
    """A row a relation, the ends by name; an arrow leads from the end that acts on the other."""
    from biopipe.text.concepts import concept_mentions, concept_name

    names = {concept.id: concept_name(document, concept) for concept in concept_mentions(document)}
    rows = [
        {
            "head": _end(relation.head, relation.head_name or names.get(relation.head, "")),
            "relation": f"{relation.label}{_direction(relation)}",
            "tail": _end(relation.tail, relation.tail_name or names.get(relation.tail, "")),
            "score": f"{relation.score:.2f}",
            "novel": _novel(relation),
            "assertion": _assertion(relation.assertion),
        }
        for relation in document.relations
    ]
    return _table("Relations", rows, optional=("assertion",))


def _table(title: str, rows: "list[dict[str, str]]", *, optional: tuple[str, ...]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    # A column that is empty in every row takes width from the others.
    columns = [name for name in rows[0] if name not in optional or any(row[name] for row in rows)]
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(
            *(
                Text(row[name], style=_style(row[name]) if name == "label" else "")
                for name in columns
            )
        )
    return table


def _style(label: str) -> str:
    from biopipe.language.colours import label_colour

    # The pale fills of pages are all one white where a terminal has 16 colours.
    return f"#ffffff on {label_colour(label).line}"


def _assertion(assertions: "Iterable[str]") -> str:
    from biopipe.language.colours import marks_of

    return ", ".join(f"{mark.sign} {mark.words}" for mark in marks_of(assertions))


def _concept_name(mention: "Mention") -> str:
    """The name of the first concept, as the chosen candidate has it."""
    first = mention.concept_ids[:1]
    return next((c.name for c in mention.candidates if (c.concept_id,) == first), "-")


def _end(concept_id: str, name: str) -> str:
    from biopipe.document.labels import NIL_PREFIX

    if concept_id.startswith(NIL_PREFIX):
        return name or concept_id
    return f"{name} ({concept_id})" if name else concept_id


def _direction(relation: "Relation") -> str:
    if relation.subject is None or relation.head == relation.tail:
        return ""
    return " →" if relation.subject == relation.head else " ←"


def _novel(relation: "Relation") -> str:
    return {True: "yes", False: "no", None: "-"}[relation.novel]
