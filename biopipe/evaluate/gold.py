"""Gold documents: read, stripped to what a stage may see, and paired with predictions."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from biopipe import io
from biopipe.document import Document
from biopipe.errors import InputError

__all__ = [
    "choose_labels",
    "pair_documents",
    "read_documents",
    "without_annotations",
    "without_concepts",
    "without_relations",
]


def read_documents(paths: Iterable[Path]) -> list[Document]:
    """The documents of all files; the first that cannot be read is an InputError."""
    documents = []
    for path in paths:
        own = list(io.read(path))
        if not own:
            raise InputError(f"{path} holds no documents; give a file of annotated documents.")
        documents += own
    return documents


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
    an error.
    """
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


def choose_labels(gold: Sequence[Document], labels: Iterable[str] | None) -> list[str]:
    """The mention labels to score: those asked for, all of them in the gold, or else all that the
    gold has.

    A corpus that annotates diseases alone says nothing about genes, so a predicted gene is no error
    there.
    """
    annotated = sorted({mention.label for document in gold for mention in document.mentions})
    if not annotated:
        raise InputError(
            f"None of the {len(gold)} gold documents has a mention; give an annotated gold "
            "standard."
        )
    scored_labels = sorted(set(labels)) if labels is not None else annotated
    for label in scored_labels:
        if label not in annotated:
            raise InputError(
                f"No gold mention has the label '{label}'; the gold has: {', '.join(annotated)}."
            )
    return scored_labels
