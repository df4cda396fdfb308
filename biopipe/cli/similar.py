"""`biopipe similar`: documents that are alike by the concepts they state and deny."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from biopipe.errors import ConfigError, InputError

if TYPE_CHECKING:
    from biopipe.document import Document
    from biopipe.kb.base import KnowledgeBase
    from biopipe.similarity.concept_sets import ConceptSet
    from biopipe.similarity.corpus import CorpusDocument
    from biopipe.similarity.search import SharedConcept, SimilarDocument

__all__ = ["register"]

# As many as stand in a line or two of a terminal.
_SHOWN_CONCEPTS = 5


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("similar", epilog="Example: biopipe similar OUT --id 24566975 -k 5")(similar)


Corpus = Annotated[
    list[Path],
    typer.Argument(metavar="CORPUS...", help="Output folders of biopipe run, or annotated files."),
]
DocumentId = Annotated[
    str | None, typer.Option("--id", help="Compare with the document of this id.")
]
Text = Annotated[
    str | None, typer.Option(metavar="TEXT|-", help="Compare with this text; - reads stdin.")
]
TextFile = Annotated[Path | None, typer.Option(help="Compare with the text of this file (UTF-8).")]
Kb = Annotated[
    str, typer.Option(help="The knowledge base that linked the documents: a folder or default.")
]
Pipeline = Annotated[str, typer.Option(help="The pipeline that reads --text and --file.")]
Most = Annotated[int, typer.Option("-k", min=1, help="How many documents to show.")]
Alpha = Annotated[float, typer.Option(min=0, help="Weight of what only the query has.")]
Beta = Annotated[
    float, typer.Option(min=0, help="Weight of what only a document has; 0 ignores it.")
]
Related = Annotated[
    float, typer.Option(min=0, max=1, help="What related concepts count; 0: the same ones only.")
]


def similar(
    corpus: Corpus,
    document_id: DocumentId = None,
    text: Text = None,
    file: TextFile = None,
    kb: Kb = "default",
    pipeline: Pipeline = "default",
    most: Most = 10,
    alpha: Alpha = 0.5,
    beta: Beta = 0.5,
    related: Related = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the documents of CORPUS most alike to a document or text by their concepts."""
    from biopipe.kb.default import open_base
    from biopipe.similarity.corpus import read_corpus
    from biopipe.similarity.measure import ConceptSimilarity
    from biopipe.similarity.search import nearest_documents

    if sum(query is not None for query in (document_id, text, file)) != 1:
        raise ConfigError("Give one of --id, --text and --file: what to compare with.")
    documents = [document for path in corpus for document in read_corpus(path)]
    query, own_places = _query(documents, document_id, text, file, pipeline)
    base = open_base(kb)
    measure = ConceptSimilarity(base, alpha=alpha, beta=beta, hierarchy=related)
    nearest = nearest_documents(measure, query, documents, most, leave_out=own_places)
    typer.echo(_as_json(nearest, query, base) if as_json else _in_words(nearest, base))


def _query(
    documents: "Sequence[CorpusDocument]",
    document_id: str | None,
    text: str | None,
    file: Path | None,
    pipeline: str,
) -> "tuple[ConceptSet, list[int]]":
    """What to compare with, and where in `documents` it stands itself."""
    from biopipe.similarity.concept_sets import concept_set

    if document_id is None:
        query = concept_set(_annotated(_text(text, file), pipeline))
        if not query:
            raise InputError("The pipeline finds no concept in the text; nothing can be compared.")
        return query, []
    # Several documents may have the id; none of them is a neighbour of itself.
    places = [place for place, other in enumerate(documents) if other.id == document_id]
    if not places:
        raise InputError(f"No document of the corpus has the id '{document_id}'.")
    query = documents[places[0]].concepts
    if not query:
        raise InputError(
            f"The document '{document_id}' has no linked concept; nothing can be compared."
        )
    return query, places


def _text(text: str | None, file: Path | None) -> str:
    """The text of the argument, of stdin or of the file."""
    from biopipe.document.unicode import check_text
    from biopipe.io.streams import decode_utf8, open_binary

    if text is not None and text != "-":
        return check_text(text)
    try:
        if file is None:
            return decode_utf8(sys.stdin.buffer.read())
        with open_binary(file) as stream:
            return decode_utf8(stream.read(), str(file))
    except (OSError, ValueError) as error:
        raise InputError(f"The text cannot be read: {error}.") from error


def _annotated(text: str, pipeline: str) -> "Document":
    from biopipe.bulk import annotate as annotate_documents
    from biopipe.document import Document
    from biopipe.pipeline import load

    annotated, errors = annotate_documents([Document("text", text)], load(pipeline))
    if errors:
        raise InputError(f"The text cannot be annotated: {errors[0].error} (in {errors[0].stage}).")
    return annotated[0]


def _as_json(
    nearest: "Sequence[SimilarDocument]", query: "ConceptSet", base: "KnowledgeBase"
) -> str:
    content: dict[str, Any] = {
        "knowledge_base": base.name,
        "query": {"stated": sorted(query.stated), "denied": sorted(query.denied)},
        "documents": [asdict(document) for document in nearest],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _in_words(nearest: "Sequence[SimilarDocument]", base: "KnowledgeBase") -> str:
    if not nearest:
        return "No document has a concept in common with it."
    lines = []
    for document in nearest:
        shared = [_shared_in_words(concept, base) for concept in document.shared]
        more = len(shared) - _SHOWN_CONCEPTS
        ending = f"; {more} more" if more > 0 else ""
        concepts = "; ".join(shared[:_SHOWN_CONCEPTS]) + ending
        lines.append(f"{document.score:.3f}  {document.id}  {concepts}")
    return "\n".join(lines)


def _shared_in_words(concept: "SharedConcept", base: "KnowledgeBase") -> str:
    name = ("no " if concept.denied else "") + _name(concept.query_id, base)
    if concept.query_id == concept.document_id:
        return name
    return f"{name} ~ {_name(concept.document_id, base)} ({concept.likeness:.2f})"


def _name(concept_id: str, base: "KnowledgeBase") -> str:
    row = base.concept_row(concept_id)
    return concept_id if row is None else base.preferred_name(row)
