"""Gold documents: read, stripped to what a stage may see, and paired with predictions."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from biopipe import io
from biopipe.components.docbin import all_formats
from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io.gold_ends import with_concepts_of_ends
from biopipe.io.rows import OddRows

__all__ = [
    "pair_documents",
    "read_documents",
    "without_annotations",
    "without_concepts",
    "without_relations",
]


def read_documents(
    paths: Iterable[Path], *, tell: Callable[[str], None] | None = None, gold: bool = True
) -> list[Document]:
    """The documents of all files, and folders of brat, without what of them cannot be read.

    As `gold`, tasks of Label Studio count only where people annotated them, and mentions that are
    related but have no concept id get one of their words (see `with_concepts_of_ends`).

    An official file may have rows with "-" for an end of a relation, or a mention that is not the
    text: these are counted, and `tell` hears how many and the first of them, once a file; without
    it that is a warning. InputError for a file with no document.
    """
    documents = []
    for path in paths:
        odd = OddRows()
        read = io.read(path, on_error=odd, gold=gold, formats=all_formats())
        own = list(map(with_concepts_of_ends, read) if gold else read)
        if not own:
            why = f" ({odd.first.error})" if odd.first else ""
            raise InputError(f"{path} holds no documents{why}; give a file of annotated documents.")
        if odd.count:
            (tell or _warn)(odd.sentence)
        documents += own
    return documents


def _warn(sentence: str) -> None:
    warnings.warn(sentence, stacklevel=3)


def without_annotations(document: Document) -> Document:
    """The text alone, as a pipeline gets it."""
    return replace(document, mentions=(), relations=(), abbreviations=None, concepts=None)


def without_concepts(document: Document) -> Document:
    """Text and mentions, without their concept ids."""
    mentions = tuple(replace(m, concept_ids=(), candidates=()) for m in document.mentions)
    return replace(without_annotations(document), mentions=mentions)


def without_relations(document: Document) -> Document:
    """Text, mentions and their concept ids."""
    return replace(document, relations=(), abbreviations=None)


def pair_documents(
    gold: Sequence[Document], predicted: Sequence[Document]
) -> list[tuple[Document, Document]]:
    """Each gold document with its prediction: by position if the ids agree throughout, else by id.

    Predictions for documents that are not in the gold are left out; a gold document without one is
    an error. InputError where a document has no prediction or another text.
    """
    # By position where it can be: ids repeat in some corpora (an abstract annotated twice).
    if [d.id for d in gold] == [d.id for d in predicted]:
        pairs = list(zip(gold, predicted, strict=True))
    else:
        by_id = _by_id(predicted)
        missing = [d.id for d in gold if d.id not in by_id]
        if missing:
            raise InputError(
                f"{len(missing)} of {len(gold)} gold documents have no prediction, the first "
                f"'{missing[0]}'; predict all documents of the gold."
            )
        pairs = [(d, by_id[d.id]) for d in gold]
    for one, other in pairs:
        if one.text != other.text:
            raise InputError(
                f"The predicted text of document '{one.id}' differs from the gold's, so offsets "
                "mean other words; predict on the gold's own text."
            )
    return pairs


def _by_id(documents: Sequence[Document]) -> dict[str, Document]:
    by_id: dict[str, Document] = {}
    for document in documents:
        if document.id in by_id:
            raise InputError(
                f"The id '{document.id}' stands for two predictions, and their order is not the "
                "gold's; make ids unique or keep the order."
            )
        by_id[document.id] = document
    return by_id
