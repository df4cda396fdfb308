"""Options that the commands of `biopipe train` for linking share, and what they read by them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biopipe.cli.training import log

if TYPE_CHECKING:
    from biopipe.document import Document
    from biopipe.kb.base import KnowledgeBase

__all__ = [
    "Dev",
    "Gold",
    "HeldOut",
    "LabelledKb",
    "PriorOption",
    "find_all_abbreviations",
    "linked_documents",
    "open_labelled_bases",
]

Gold = Annotated[
    list[Path], typer.Option("--gold", help="Documents with linked mentions; may be repeated.")
]
Dev = Annotated[
    list[Path] | None,
    typer.Option(help="Documents to fit on how much it counts; may be repeated."),
]
HeldOut = Annotated[
    list[Path] | None,
    typer.Option(help="Documents that must stay unseen; may be repeated."),
]
LabelledKb = Annotated[
    list[str],
    typer.Option(
        "--kb",
        metavar="[LABEL=]BASE",
        help="Knowledge base of a mention label, a directory or a name.",
    ),
]
PriorOption = Annotated[
    str,
    typer.Option("--prior", help="Mention prior of the linker: name or folder; '' for none."),
]


def linked_documents(
    paths: list[Path] | None, held_out: list[Path] | None = None
) -> "list[Document]":
    """The documents of annotated files that are not in `held_out`, by id or by their words."""
    from biopipe.train.common.corpora import read_gold_corpus, unseen

    documents, unwanted = (
        [document for path in files or () for document in read_gold_corpus(path, log)]
        for files in (paths, held_out)
    )
    # By words as well as by id: corpora share abstracts under other ids.
    return list(unseen(documents, unwanted))


def find_all_abbreviations(documents: "list[Document]") -> "list[Document]":
    """The documents with the abbreviations that they define, as the linker wants them."""
    from biopipe.text.abbreviations import AbbreviationFinder

    return AbbreviationFinder().predict(documents)


def open_labelled_bases(kb: list[str]) -> "dict[str, KnowledgeBase]":
    """The base of each mention label; a usage error where one serves all labels."""
    from biopipe.cli.bases import named_bases
    from biopipe.kb.default import open_base

    named = named_bases(kb)
    if isinstance(named, str):
        raise typer.BadParameter(
            f"name the mention label of each knowledge base: --kb LABEL={named}"
        )
    return {label: open_base(path) for label, path in named.items()}
