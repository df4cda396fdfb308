"""Annotate a batch of documents; one that fails becomes an error and the others go on."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from biopipe.bulk.quoting import without_quotes_of
from biopipe.document import Document
from biopipe.errors import BiopipeError, InputError
from biopipe.runtime.lanes import has_cores

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["DocumentError", "annotate", "lanes_for"]

Step: TypeAlias = tuple[str, Callable[[list[Document]], list[Document]]]

# While one batch is in Python, the cores work on the other.
_LANES = 2


@dataclass(frozen=True, slots=True)
class DocumentError:
    """A document that could not be annotated: its place in the batch, its id, the component, the
    cause.
    """

    position: int
    document_id: str
    stage: str
    error: str


def annotate(
    documents: Sequence[Document], nlp: "Language"
) -> tuple[list[Document], list[DocumentError]]:
    """Run `nlp` over the texts of `documents`: the annotated ones in order, and those that failed.

    Annotations that the documents bring along are replaced; id, passages and meta are kept. Where
    every component of the pipeline has a predictor that does all of its work, biopipe's and those
    of other packages, the predictors run without spaCy Docs. A missing or altered model or
    knowledge base concerns every document and is raised.
    """
    # What a file brings along must not steer the linker or stand in the tables as if the pipeline
    # had found it.
    bare = [_bare(document) for document in documents]
    steps = _steps(nlp)
    annotated, stage, failure = _run(bare, steps)
    if failure is None:
        return annotated, []
    if len(bare) == 1:
        return [], [DocumentError(0, bare[0].id, stage, _reason(failure, bare[0]))]
    # Which document it was nobody knows: alone, each of them shows it, and the others are saved.
    return _one_by_one(bare, steps)


def _bare(document: Document) -> Document:
    """The document as if nobody had annotated it: id, text, passages and meta."""
    return Document(
        id=document.id, text=document.text, passages=document.passages, meta=document.meta
    )


def lanes_for(nlp: "Language") -> int:
    """How many threads take batches through the pipeline: none where there is one core, or a need
    for spaCy.

    Predictors are safe in threads; spaCy's vocabulary is not made for them.
    """
    from biopipe.pipeline import predictors

    return _LANES if has_cores() and predictors(nlp) is not None else 0


def _one_by_one(
    documents: list[Document], steps: list[Step]
) -> tuple[list[Document], list[DocumentError]]:
    done: list[Document] = []
    errors: list[DocumentError] = []
    for position, document in enumerate(documents):
        annotated, stage, failure = _run([document], steps)
        if failure is None:
            done.extend(annotated)
        else:
            errors.append(DocumentError(position, document.id, stage, _reason(failure, document)))
    return done, errors


def _run(
    documents: list[Document], steps: list[Step]
) -> tuple[list[Document], str, Exception | None]:
    """The documents after all steps; or the name of the step that failed and why."""
    for name, step in steps:
        expected = len(documents)
        try:
            documents = step(documents)
        except (
            Exception
        ) as error:  # what a model or a user's component raises is not known in advance
            # A missing model fails every document alike; error rows would hide it until the end of
            # a run.
            if isinstance(error, BiopipeError) and not isinstance(error, InputError):
                raise
            return [], name, error
        # Results belong to inputs by their place alone, so a component that drops one would shift
        # all.
        if len(documents) != expected:
            return (
                [],
                name,
                InputError(f"{expected} documents went in and {len(documents)} came out"),
            )
    return documents, "", None


def _steps(nlp: "Language") -> list[Step]:
    # A process that only watches over workers imports this file and does not need spaCy.
    from biopipe.pipeline import predictors

    chain = predictors(nlp)
    if chain is None:
        return [("annotate", lambda documents: _through_spacy(documents, nlp))]
    return [
        (name, predictor.predict) for name, predictor in zip(nlp.pipe_names, chain, strict=True)
    ]


def _through_spacy(documents: list[Document], nlp: "Language") -> list[Document]:
    from biopipe.components.document import annotate_doc, to_document

    # New strings of a batch go with it; a vocabulary that keeps them grows with every document.
    inside = nlp.vocab.in_memory_zone  # type: ignore[attr-defined]  # spaCy's stub lacks it
    with nullcontext() if inside else nlp.memory_zone():
        # Passages and meta too are there for the components, as they are for predictors.
        docs = nlp.pipe(
            annotate_doc(nlp.make_doc(document.text), document) for document in documents
        )
        return [to_document(doc) for doc in docs]


def _reason(error: Exception, document: Document) -> str:
    message = without_quotes_of(document.text, str(error))
    return f"{type(error).__name__}: {message}".strip().removesuffix(":")
